// Pages and the frames behind them. Items: bN [start, end), operation is a block of pages; lN page,
// frame, count are pages side by side that lead to frames side by side.

const LINK_ROW = 26;

function linksDrawer(panel, marks, width) {
    const { blocks, links } = linksOf(panel.items);
    const out = picture(width, panel.title);
    const { shown, before, behind } = rowsAround(pieces(blocks, links), (row) =>
        overlaps(marks, row.start, row.end));
    const column = Math.floor(width * 0.42), right = width - column;
    shape(out.node, "text", { x: 0, y: 11, class: "note" }, "kernel addresses");
    shape(out.node, "text", { x: right, y: 11, class: "note" }, "frames");
    const top = leftOut(out.node, 0, 20, before, "row", "above");
    const places = drawFrames(out.node, shown, marks, right, column, top);
    shown.forEach((row, i) => {
        const y = top + i * LINK_ROW;
        if (row.frame !== undefined) drawLink(out.node, column, y, right, places.get(row.frame), row, marks);
        drawPiece(out.node, row, marks, y, column);
    });
    let y = top + Math.max(shown.length, places.size) * LINK_ROW;
    if (!shown.length) {
        shape(out.node, "text", { x: 0, y: y + 13, class: "note" }, "no live blocks");
        y += 20;
    }
    y = leftOut(out.node, 0, y, behind, "row", "below");
    return out.finish(y + 4, wordsOfLinks(blocks, links));
}

function linksOf(items) {
    const blocks = [], links = [];
    for (const [key, item] of items) {
        if (key[0] === "b") blocks.push(item);
        if (key[0] === "l") links.push(item);
    }
    const byStart = (a, b) => a[0] - b[0];
    return { blocks: blocks.sort(byStart), links: links.sort(byStart) };
}

// The blocks, cut where their frames are no longer side by side, or not known.
function pieces(blocks, links) {
    const rows = [];
    for (const [start, end, operation] of blocks) {
        let at = start;
        for (const [page, frame, count] of links) {
            const from = Math.max(page, at), to = Math.min(page + count * PAGE, end);
            if (from >= to) continue;
            if (from > at) rows.push({ start: at, end: from, operation });
            rows.push({ start: from, end: to, operation, frame: frame + from - page });
            at = to;
        }
        if (at < end) rows.push({ start: at, end, operation });
    }
    return rows;
}

const times = (row) => row.end - row.start > PAGE ?
    ` ×${((row.end - row.start) / PAGE).toLocaleString("en")}` : "";

function drawPiece(node, row, marks, y, column) {
    const look = row.frame === undefined ? "block unknown" : "block";
    box(node, 0, y, column, LINK_ROW - 4, look, `operation ${row.operation}` +
        (row.frame === undefined ? "; nobody has asked for its frames" : ""));
    const text = hex(row.start) + times(row);
    shape(node, "text", { x: 6, y: y + 15, class: "label" }, text);
    const by = `by ${row.operation}`;
    if ((text.length + by.length + 3) * GLYPH < column) {
        shape(node, "text", { x: column - 6, y: y + 15, "text-anchor": "end", class: "note" }, by);
    }
    outline(node, overlaps(marks, row.start, row.end), 0, y, column);
}

function outline(node, mark, x, y, width) {
    if (!mark) return;
    shape(node, "rect", { x: x - 0, y: y - 2, width, height: LINK_ROW, rx: 5,
        class: `mark ${mark.look}` });
}

// The frames that the rows lead to, in order, each once; returns where they are.
function drawFrames(node, rows, marks, x, width, top) {
    const byFrame = new Map();
    for (const row of rows) if (row.frame !== undefined) byFrame.set(row.frame, row);
    const places = new Map();
    [...byFrame].sort((a, b) => a[0] - b[0]).forEach(([frame, row], i) => {
        const y = top + i * LINK_ROW;
        places.set(frame, y);
        box(node, x, y, width - 1, LINK_ROW - 4, "free");
        shape(node, "text", { x: x + 6, y: y + 15, class: "label" }, hex(frame) + times(row));
    });
    return places;
}

function drawLink(node, x1, y1, x2, y2, row, marks) {
    const middle = (x1 + x2) / 2, half = LINK_ROW / 2 - 2;
    const mark = overlaps(marks, row.start, row.end);
    shape(node, "path", { class: `link ${mark ? mark.look : ""}`,
        d: `M ${x1} ${y1 + half} C ${middle} ${y1 + half} ${middle} ${y2 + half} ${x2} ${y2 + half}` });
}

function wordsOfLinks(blocks, links) {
    if (!blocks.length) return "There are no live blocks.";
    const ofBlocks = blocks.map(([start, end, operation]) =>
        `${many((end - start) / PAGE, "page")} at ${hex(start)} by operation ${operation}`);
    const ofLinks = links.map(([page, frame, count]) =>
        `${many(count, "page")} from ${hex(page)} to the frames from ${hex(frame)}`);
    return `${many(blocks.length, "live block")}: ${list(ofBlocks)}.` +
        (links.length ? ` Seen to lead: ${list(ofLinks)}.` : "");
}
