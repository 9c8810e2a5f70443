// Numbers by their names. Items: NAME number.

function factsDrawer(panel) {
    const node = element(null, "dl", { class: "numbers" });
    const words = [];
    for (const [name, [number]] of panel.items) {
        if (name === "") continue;
        const row = element(node, "div");
        element(row, "dt", {}, name);
        element(row, "dd", {}, number.toLocaleString("en"));
        words.push(`${name}: ${number}`);
    }
    return { node, words: words.length ? `${words.join("; ")}.` : "" };
}
