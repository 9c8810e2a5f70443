// Blocks of bytes in their pages: a row for each page that has any, or, where the blocks are few and
// small, for each part of one. Items: bN [start, end), operation.

const PAGE = 4096, PAGE_GUTTER = 84, PAGE_ROW = 24, SMALLEST_ROW = 256;

function blocksDrawer(panel, marks, width) {
    const blocks = [...panel.items].filter(([key]) => key !== "").map(([, item]) => item)
        .sort((a, b) => a[0] - b[0]);
    const out = picture(width, panel.title);
    const span = panel.film.once(`span ${panel.name}`, () => rowSpan(panel));
    const { shown, before, behind } = rowsAround(pageRows(blocks, marks, span), (row) =>
        overlaps(marks, row.start, row.end));
    let y = pageRuler(out.node, width, span);
    y = leftOut(out.node, PAGE_GUTTER, y, before, "row", "above");
    for (const row of shown) {
        drawPage(out.node, row, marks, y, width);
        y += PAGE_ROW + 4;
    }
    y = leftOut(out.node, PAGE_GUTTER, y, behind, "row", "below");
    return out.finish(y + 4, wordsOfBlocks(blocks));
}

// How many bytes a row has: as few as may be, so that all blocks there ever are fit into the picture.
function rowSpan(panel) {
    const ever = [...panel.film.ever(panel.name)].map(([, item]) => item);
    let span = SMALLEST_ROW;
    while (span < PAGE && pageRows(ever, [], span).length > MOST_ROWS) span *= 2;
    return span;
}

// The rows that blocks (and marks) lie in, in order; many that one block fills are one row.
function pageRows(blocks, marks, span) {
    const rows = new Map();
    const row = (start, end = start + span) => {
        if (!rows.has(start)) rows.set(start, { start, end, blocks: [] });
        return rows.get(start);
    };
    for (const block of [...blocks, ...marks.map((mark) => [mark.first, mark.end, 0])]) {
        const first = Math.floor(block[0] / span) * span;
        const last = Math.floor((block[1] - 1) / span) * span;
        const parts = [row(first)];
        if (last > first + span) parts.push(row(first + span, last));
        if (last > first) parts.push(row(last));
        if (block[2]) parts.forEach((part) => part.blocks.push(block));
    }
    return [...rows.values()].sort((a, b) => a.start - b.start);
}

function pageRuler(node, width, span) {
    const scale = (width - PAGE_GUTTER - 1) / span;
    const parts = width < 480 ? 2 : 4;
    for (let at = 0; at < span; at += span / parts) {
        shape(node, "text", { x: PAGE_GUTTER + at * scale, y: 11, class: "note" },
            at ? `+${at}` : "+0 bytes");
    }
    return 18;
}

function drawPage(node, row, marks, y, width) {
    const scale = (width - PAGE_GUTTER - 1) / (row.end - row.start);
    const x = (address) => PAGE_GUTTER +
        (Math.max(row.start, Math.min(address, row.end)) - row.start) * scale;
    shape(node, "text", { x: 0, y: y + 16, class: "note" }, hex(row.start));
    box(node, PAGE_GUTTER, y, width - PAGE_GUTTER - 1, PAGE_ROW, "taken");
    for (const [start, end, operation] of row.blocks) {
        const left = x(start), wide = x(end) - left, size = (end - start).toLocaleString("en");
        box(node, left, y, wide, PAGE_ROW, "block",
            `${many(end - start, "byte")} at ${hex(start)}, by operation ${operation}`);
        const long = `${size} bytes, by ${operation}`;
        fit(node, left, y + 16, wide, long.length * GLYPH < wide - 4 ? long : size);
    }
    for (const { first, end, look } of marks) {
        if (first >= row.end || end <= row.start) continue;
        shape(node, "rect", { x: x(first) - 1, y: y - 2, width: Math.max(x(end) - x(first), 2) + 2,
            height: PAGE_ROW + 4, rx: 4, class: `mark ${look}` });
    }
}

function wordsOfBlocks(blocks) {
    if (!blocks.length) return "There are no live blocks.";
    return `${many(blocks.length, "live block")}: ${list(blocks.map(([start, end, operation]) =>
        `${many(end - start, "byte")} at ${hex(start)} by operation ${operation}`))}.`;
}
