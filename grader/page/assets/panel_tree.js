// A page directory as a tree: its entries, and below each what its page table maps. Items: eN index,
// frame of the table, rights; rN address, frame, pages, rights.

const SPAN = 2 ** 22, WRITABLE = 2, USER = 4;
const TREE_ROW = 24, INDENT = 22;

function treeDrawer(panel, marks, width) {
    const runs = runsOf(panel.items, marks);
    const out = picture(width, panel.title);
    const { shown, before, behind } = rowsAround(treeRows(runs, panel.items), (row) =>
        row.run && overlaps(marks, row.run.start, row.run.end));
    let y = leftOut(out.node, INDENT, 2, before, "row", "above"), stem = null;
    if (!shown.length) {
        shape(out.node, "text", { x: 4, y: 15, class: "note" }, "maps nothing");
        y = 22;
    }
    for (const row of shown) {
        if (row.run) {
            y = drawRun(out.node, row.run, marks, y, width, stem ?? y);
        } else {
            drawEntry(out.node, row, y);
            y += TREE_ROW;
            stem = y;
        }
    }
    y = leftOut(out.node, INDENT, y, behind, "row", "below");
    return out.finish(y + 4, wordsOfTree(runs));
}

// What is mapped, in order, and the marked pages that are not.
function runsOf(items, marks) {
    const runs = [];
    for (const [key, [start, frame, pages, rights]] of items) {
        if (key[0] === "r") runs.push({ start, end: start + pages * PAGE, frame, pages, rights });
    }
    for (const { first, end } of marks) {
        if (!runs.some((run) => run.start < end && run.end > first)) {
            runs.push({ start: first, end, pages: (end - first) / PAGE });
        }
    }
    return runs.sort((a, b) => a.start - b.start);
}

function treeRows(runs, items) {
    const rows = [];
    let last = -1;
    for (const run of runs) {
        const index = Math.floor(run.start / SPAN);
        if (index !== last) rows.push({ index, entry: items.get(`e${index}`) });
        rows.push({ run });
        last = index;
    }
    return rows;
}

const rightsWords = (rights) =>
    `${rights & WRITABLE ? "writable" : "read-only"}, ${rights & USER ? "ring 3" : "kernel only"}`;

function drawEntry(node, { index, entry }, y) {
    const table = entry ? `table at ${hex(entry[1])}: ${rightsWords(entry[2])}` : "";
    const text = `entry ${index}`;
    box(node, 0, y + 2, text.length * GLYPH + 12, TREE_ROW - 4, "block");
    shape(node, "text", { x: 6, y: y + 16, class: "label" }, text);
    shape(node, "text", { x: text.length * GLYPH + 22, y: y + 16, class: "note" }, table);
}

// A line for a run, or two where there is no room; returns where the next one begins.
function drawRun(node, run, marks, y, width, stem) {
    const mapped = run.frame !== undefined;
    const from = `${hex(run.start)}–${hex(run.end - 1)}`;
    const to = mapped ? `→ ${hex(run.frame)}` : "not mapped";
    const rights = mapped ? rightsWords(run.rights) : "";
    const oneLine = INDENT + 8 + (from.length + to.length + rights.length + 4) * GLYPH < width;
    const height = oneLine ? TREE_ROW : TREE_ROW + 16;
    const text = (x, line, look, words) =>
        shape(node, "text", { x, y: y + 16 + line * 16, class: look }, words);
    shape(node, "path", { class: "branch", d: `M 10 ${stem} V ${y + TREE_ROW / 2} H ${INDENT}` });
    box(node, INDENT, y + 2, width - INDENT - 1, height - 4, mapped ? "free" : "taken",
        many(run.pages, "page"));
    const next = text(INDENT + 8, 0, "label", from) && INDENT + 8 + (from.length + 1) * GLYPH;
    text(next, 0, mapped ? "label" : "note", to);
    if (rights && oneLine) {
        shape(node, "text", { x: width - 8, y: y + 16, "text-anchor": "end", class: "note" }, rights);
    } else {
        text(INDENT + 8, 1, "note", rights);
    }
    const mark = overlaps(marks, run.start, run.end);
    if (mark) {
        shape(node, "rect", { x: INDENT - 1, y, width: width - INDENT, height, rx: 5,
            class: `mark ${mark.look}` });
    }
    return y + height;
}

function wordsOfTree(runs) {
    const mapped = runs.filter((run) => run.frame !== undefined);
    if (!mapped.length) return "It maps nothing.";
    return `It maps ${list(mapped.map((run) => `${hex(run.start)} to ${hex(run.end - 1)} to the ` +
        `frames from ${hex(run.frame)}, ${rightsWords(run.rights)}`), 8)}.`;
}
