// An element with its attributes and what is in it; text is text, whoever wrote it.

export function element(name, attributes = {}, ...within) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
        else made.setAttribute(key, value);
    }
    made.append(...within);
    return made;
}

/** An element of this page, of whatever kind. @param {string} id @returns {any} */
export const the = (id) => document.getElementById(id);
