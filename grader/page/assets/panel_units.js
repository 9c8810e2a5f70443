// An allocator of units: its memory map if it has one, the free blocks level by level, then all units
// with their holders. Items: fN [start, end), aN [start, end), operation, rN [start, end), words.

const GUTTER = 54, LEVEL = 22, STRIP = 30, GAP = 6;

function spelling({ noun, origin, size }) {
    const one = (unit) => size === 1 ? String(unit) : hex(origin + unit * size);
    return {
        noun,
        one,
        run(start, end) {
            if (size > 1) return `${one(start)}–${hex(origin + end * size - 1)}`;
            return end - start > 1 ? `${start}–${end - 1}` : one(start);
        },
    };
}

function unitsDrawer(panel, marks, width) {
    const { units } = panel.settings, spell = spelling(panel.settings);
    const parts = partsOf(panel.items);
    const ever = panel.film.once(`borders ${panel.name}`, () => everyBorder(panel, units));
    const now = inOrder(bordersOf(parts, marks), units);
    const axis = chooseAxis(units, ever, now, marks[0]?.first ?? 0, GUTTER, width - GUTTER - 1);
    const out = picture(width, panel.title);
    let y = drawRegions(out.node, parts.regions, axis, 4);
    y = drawLevels(out.node, levelsOf(panel, parts, axis), parts, axis, spell, y);
    drawHolders(out.node, parts, axis, spell, y);
    drawMarks(out.node, marks, axis, spell, y, STRIP);
    y = drawRuler(out.node, axis, spell, y + STRIP + 14, units);
    return out.finish(y + 4, wordsOfUnits(parts, spell, units));
}

function partsOf(items) {
    const parts = { free: [], held: [], regions: [] };
    const kinds = { f: parts.free, a: parts.held, r: parts.regions };
    for (const [key, item] of items) kinds[key[0]]?.push(item);
    parts.free.sort((a, b) => a[0] - b[0]);
    parts.held.sort((a, b) => a[0] - b[0]);
    return parts;
}

function* bordersOf({ free, held, regions }, marks = []) {
    for (const [start, end] of free) {
        yield end;
        for (const [block] of alignedBlocks(start, end)) yield block;
    }
    for (const [start, end] of [...held, ...regions]) yield* [start, end];
    for (const { first, end } of marks) yield* [first, end];
}

function everyBorder(panel, units) {
    const borders = new Set(bordersOf(partsOf(panel.film.ever(panel.name))));
    const marks = panel.film.steps.flatMap((step) => step.at ?? []);
    for (const [name, first, end] of [...marks, ...(panel.film.wrong?.wanted ?? [])]) {
        if (name === panel.name) borders.add(first).add(end);
    }
    return inOrder(borders, units);
}

// The sizes of blocks that get a row: all there ever are, or, if these are many, those in sight.
function levelsOf(panel, parts, axis) {
    const sizesOf = (runs) => [...new Set(runs.flatMap(([start, end]) =>
        [...alignedBlocks(start, end)].map(([, size]) => size)))].sort((a, b) => b - a);
    const ever = panel.film.once(`levels ${panel.name}`, () =>
        sizesOf(partsOf(panel.film.ever(panel.name)).free));
    return ever.length <= 12 ? ever : sizesOf(parts.free.filter(([a, b]) => axis.shows(a, b)));
}

function drawRegions(node, regions, axis, y) {
    if (!regions.length) return y;
    shape(node, "text", { x: 0, y: y + 12, class: "note" }, "map");
    for (const [start, end, words] of regions) {
        if (!axis.shows(start, end)) continue;
        const x = axis.x(start), wide = axis.x(end) - x;
        const available = words === "available";
        // Reserved ranges lie over the regions; overlapping regions show through one another.
        box(node, x, y, wide, 16, available ? "region" : "region barred", words);
        fit(node, x, y + 12, wide, words, "note");
    }
    return y + 16 + GAP;
}

function drawLevels(node, sizes, { free }, axis, spell, y) {
    for (const size of sizes) {
        shape(node, "text", { x: GUTTER - 8, y: y + 15, "text-anchor": "end", class: "note" },
            binary(size));
        shape(node, "line", { x1: GUTTER, x2: axis.places.at(-1), y1: y + LEVEL / 2,
            y2: y + LEVEL / 2, class: "guide" });
        for (const [start, end] of free) {
            if (!axis.shows(start, end)) continue;
            for (const [block, length] of alignedBlocks(start, end)) {
                if (length === size && axis.shows(block, block + size)) {
                    drawBlock(node, block, size, axis, spell, y);
                }
            }
        }
        y += LEVEL + 2;
    }
    return y + GAP;
}

// A power of two, short: 512, 1 Ki, 128 Ki, 1 Mi.
function binary(size) {
    if (size < 1024) return String(size);
    return size < 2 ** 20 ? `${size / 1024} Ki` : `${size / 2 ** 20} Mi`;
}

function drawBlock(node, start, size, axis, spell, y) {
    const x = axis.x(start), wide = axis.x(start + size) - x;
    const words = spell.run(start, start + size);
    box(node, x, y, wide, LEVEL - 2, "free", `free block ${words}`);
    fit(node, x, y + 14, wide, words.length * GLYPH < wide - 4 ? words : spell.one(start));
}

function drawHolders(node, { free, held }, axis, spell, y) {
    shape(node, "text", { x: GUTTER - 8, y: y + 19, "text-anchor": "end", class: "note" },
        `${spell.noun}s`);
    box(node, axis.places[0], y, axis.places.at(-1) - axis.places[0], STRIP, "taken");
    for (const [start, end] of free) {
        if (axis.shows(start, end)) {
            box(node, axis.x(start), y, axis.x(end) - axis.x(start), STRIP, "free", 
                `free: ${spell.run(start, end)}`);
        }
    }
    for (const [start, end, operation] of held) {
        if (!axis.shows(start, end)) continue;
        const x = axis.x(start), wide = axis.x(end) - x;
        box(node, x, y, wide, STRIP, "held",
            `${spell.run(start, end)}, allocated by operation ${operation}`);
        fit(node, x, y + 19, wide, wide > 50 ? `by ${operation}` : String(operation), "label held");
    }
}

function drawMarks(node, marks, axis, spell, y, height) {
    for (const { first, end, look } of marks) {
        if (!axis.shows(first, end)) {
            drawElsewhere(node, first < axis.first, spell.run(first, end), axis, look, y + 19);
            continue;
        }
        const x = axis.x(first), wide = axis.x(end) - x;
        shape(node, "rect", { x: x - 1, y: y - 3, width: Math.max(wide, 2) + 2, height: height + 6,
            rx: 5, class: `mark ${look}` });
    }
}

// An arrow to units that are not in sight: that do not exist, or are far off.
function drawElsewhere(node, before, words, axis, look, y) {
    const text = before ? `◀ ${words}` : `${words} ▶`;
    shape(node, "text", { x: before ? axis.places[0] + 4 : axis.places.at(-1) - 4, y,
        "text-anchor": before ? "start" : "end", class: `elsewhere ${look}` }, text);
}

// To scale: labels at multiples of a power of two. Else at borders, where there is room.
function drawRuler(node, axis, spell, y, units) {
    let free = 0;
    const last = axis.borders.length - 1;
    const room = (spell.one(axis.end).length + 2) * GLYPH;
    let step = 1;
    while (axis.toScale && axis.x(axis.first + step) - axis.places[0] < room && step < units) step *= 2;
    axis.borders.forEach((border, i) => {
        if (border % step !== 0) return;
        const text = i === last && border === units ? "" : spell.one(border);
        const x = axis.places[i];
        if (x < free || x + text.length * GLYPH > axis.places.at(-1) + 4) return;
        if (!Number.isInteger(border)) return;
        shape(node, "line", { x1: x + 0.5, x2: x + 0.5, y1: y - 13, y2: y - 9, class: "guide" });
        shape(node, "text", { x, y: y + 2, class: "note" }, text);
        free = x + (text.length + 2) * GLYPH;
    });
    return y + 8;
}

function wordsOfUnits({ free, held, regions }, spell, units) {
    const map = !regions.length ? "" :
        ` The map: ${list(regions.map(([start, end, words]) => `${words} ${spell.run(start, end)}`))}.`;
    const count = free.reduce((sum, [start, end]) => sum + end - start, 0);
    const blocks = free.flatMap(([start, end]) => [...alignedBlocks(start, end)]);
    const freeWords = count === 0 ? "Nothing is free." :
        `${many(count, spell.noun)} of ${units.toLocaleString("en")} free, in ` +
        `${many(blocks.length, "block")}: ` +
        `${list(blocks.map(([start, size]) => spell.run(start, start + size)))}.`;
    const heldWords = !held.length ? "" : ` Allocated: ${list(held.map(
        ([start, end, operation]) => `${spell.run(start, end)} by operation ${operation}`))}.`;
    return freeWords + heldWords + map;
}
