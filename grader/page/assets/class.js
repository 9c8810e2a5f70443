// The table of everybody: searched, sorted, filtered. Without this script it is all there, in the order of names.

// Rows at first: a page about hundreds is long, and on a phone longer.
const phone = matchMedia("(max-width: 44rem)");
const most = () => phone.matches ? 15 : 50;

const table = document.querySelector("table.everybody");
const body = table.tBodies[0];
const rows = [...body.rows];
const filters = document.getElementById("filters");
const more = document.getElementById("more");
let all = false;

const names = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

function matches(row) {
    const { text, lab, mistake } = filters.elements;
    return row.cells[0].textContent.toLowerCase().includes(text.value.trim().toLowerCase())
        && (!lab.value || row.dataset.labs.split("|").includes(lab.value))
        && (!mistake.value || row.dataset.mistakes.split(" ").includes(mistake.value));
}

function show() {
    const found = [...body.rows].filter(matches);
    const shown = new Set(all ? found : found.slice(0, most()));
    for (const row of rows) row.hidden = !shown.has(row);
    more.hidden = shown.size === found.length;
    more.textContent = `Show all ${found.length}`;
    document.getElementById("shown").textContent = found.length === rows.length
        ? `${rows.length} submissions` : `${found.length} of ${rows.length} submissions`;
}

// What a cell is sorted by; no number at all is less than any.
function key(row, column, kind) {
    const text = row.cells[column].textContent.trim();
    if (kind === "text") return text;
    const value = parseFloat(text);
    return Number.isNaN(value) ? -1 : value;
}

function sort(head) {
    const kind = head.dataset.sort;
    const up = head.ariaSort ? head.ariaSort !== "ascending" : kind === "text";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const keyed = rows.map((row) => ({ row, by: key(row, head.cellIndex, kind) }));
    keyed.sort((a, b) => (up ? 1 : -1) * (kind === "text" ? names.compare(a.by, b.by) : a.by - b.by));
    body.append(...keyed.map(({ row }) => row));
    show();
}

for (const head of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => sort(head));
    head.replaceChildren(button);
}
for (const link of document.querySelectorAll("[data-mistake]")) {
    link.addEventListener("click", () => {
        filters.reset();
        filters.elements.mistake.value = link.dataset.mistake;
        show();
    });
}
filters.addEventListener("input", show);
filters.addEventListener("submit", (event) => event.preventDefault());
more.addEventListener("click", () => {
    all = true;
    show();
});
phone.addEventListener("change", show);
filters.hidden = false;
show();
