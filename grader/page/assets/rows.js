// Pictures made of rows: of many, those around the place that is being looked at.

const MOST_ROWS = 14;

// The rows to be shown of all, and how many there are before and behind them.
function rowsAround(rows, isMarked) {
    const marked = Math.max(rows.findIndex(isMarked), 0);
    const from = Math.max(0, Math.min(marked - MOST_ROWS / 2, rows.length - MOST_ROWS));
    const shown = rows.slice(from, from + MOST_ROWS);
    return { shown, before: from, behind: rows.length - from - shown.length };
}

// A line that says how many rows are not shown; returns where the next one begins.
function leftOut(node, x, y, count, noun, where) {
    if (count === 0) return y;
    shape(node, "text", { x, y: y + 13, class: "note" }, many(count, `more ${noun}`) + ` ${where}`);
    return y + 20;
}

function overlaps(marks, start, end) {
    return marks.find((mark) => mark.first < end && mark.end > start);
}
