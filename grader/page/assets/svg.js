// Making elements. Text goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";
const GLYPH = 6.7; // the width of a character of a picture's text, in pixels

function element(parent, name, attributes = {}, text = "") {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== "") made.textContent = text;
    if (parent) parent.append(made);
    return made;
}

function shape(parent, name, attributes, text = "") {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) {
        made.setAttribute(key, typeof value === "number" ? Math.round(value * 100) / 100 : value);
    }
    if (text !== "") made.textContent = text;
    parent.append(made);
    return made;
}

function box(parent, x, y, width, height, look, title = "") {
    const made = shape(parent, "rect", {
        x: x + 0.5, y, width: Math.max(width - 1, 0.75), height,
        rx: Math.min(4, Math.max(width - 1, 0) / 4), class: look,
    });
    if (title) shape(made, "title", {}, title);
    return made;
}

// Text in the middle of a space, if there is room for it.
function fit(parent, x, y, width, text, look = "label") {
    if (text.length * GLYPH <= width - 4) {
        shape(parent, "text", { x: x + width / 2, y, "text-anchor": "middle", class: look }, text);
    }
}

let pictures = 0;

// A picture that can be drawn into; `finish` gives it its height, its name and its words.
function picture(width, title) {
    const id = `picture-${++pictures}`;
    const node = document.createElementNS(SVG, "svg");
    node.setAttribute("role", "img");
    node.setAttribute("aria-labelledby", `${id}-title ${id}-words`);
    shape(node, "title", { id: `${id}-title` }, title);
    const words = shape(node, "desc", { id: `${id}-words` });
    return {
        node,
        finish(height, text) {
            node.setAttribute("viewBox", `0 0 ${width} ${height}`);
            node.setAttribute("width", width);
            node.setAttribute("height", height);
            words.textContent = text;
            return { node, words: text };
        },
    };
}

const hex = (address) => "0x" + address.toString(16);
const many = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

// The first few of some words, and how many more there are.
function list(words, most = 12) {
    const more = words.length - most;
    return words.slice(0, most).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
