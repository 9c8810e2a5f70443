// From units to pixels. Few units are drawn to scale. Of many, only the borders that something has
// are kept apart: what lies between two of them gets room like the logarithm of its length.

const TO_SCALE = 64; // units

// The maximal aligned power-of-two blocks of the units from `start` up to `end`.
function* alignedBlocks(start, end) {
    while (start < end) {
        let size = start === 0 ? 2 ** 31 : start & -start;
        while (start + size > end) size /= 2;
        yield [start, size];
        start += size;
    }
}

class Axis {
    // `borders` ascend; the first and the last are the ends of what is shown.
    constructor(borders, left, width, toScale) {
        this.borders = borders;
        this.places = [left];
        this.toScale = toScale;
        const weights = borders.slice(1).map((border, i) => this.weight(border - borders[i]));
        const whole = weights.reduce((sum, weight) => sum + weight, 0) || 1;
        let x = left;
        for (const weight of weights) this.places.push(x += width * weight / whole);
    }

    weight(length) {
        return this.toScale ? length : 1 + Math.log2(Math.max(length, 1));
    }

    get first() { return this.borders[0]; }
    get end() { return this.borders.at(-1); }

    x(unit) {
        const { borders, places } = this;
        if (unit <= this.first) return places[0];
        if (unit >= this.end) return places.at(-1);
        let low = 0, high = borders.length - 1;
        while (high - low > 1) {
            const middle = (low + high) >> 1;
            if (borders[middle] <= unit) low = middle; else high = middle;
        }
        const part = (unit - borders[low]) / (borders[high] - borders[low]);
        return places[low] + part * (places[high] - places[low]);
    }

    shows(start, end) {
        return start < this.end && end > this.first;
    }
}

// The axis for `units` units: all of them to scale, or all borders there ever are, or (too many)
// those next to the place that is being looked at.
function chooseAxis(units, ever, now, focus, left, width) {
    if (units <= Math.min(TO_SCALE, width / 5)) {
        return new Axis([...Array(units + 1).keys()], left, width, true);
    }
    const most = Math.max(12, Math.floor(width / 18));
    if (ever.length <= most) return new Axis(ever, left, width, false);
    const at = now.findIndex((border) => border >= focus);
    const from = Math.max(0, Math.min((at < 0 ? now.length : at) - (most >> 1), now.length - most));
    return new Axis(now.slice(from, from + most), left, width, false);
}

// Borders, put in order, each once, within the units there are.
function inOrder(borders, units) {
    const inside = [...borders].filter((border) => border >= 0 && border <= units);
    return [...new Set([0, units, ...inside])].sort((a, b) => a - b);
}
