// A film: pictures that change step by step. A step holds what it puts in and takes out; going
// forward keeps what it replaced, so that going back is as cheap.

class Film {
    constructor(data) {
        Object.assign(this, data); // steps, wrong, earlier, later
        this.panels = new Map(); // name -> Map of key -> item
        this.undo = [];
        this.notes = new Map();
        this.at = -1;
    }

    go(to) {
        while (this.at < to) this.undo.push(this.change(this.steps[++this.at]));
        while (this.at > to) {
            this.change(this.undo.pop());
            this.at--;
        }
    }

    // Makes a change ({put, gone}); returns the one that takes it back.
    change({ put = {}, gone = {} }) {
        const back = { put: {}, gone: {} };
        for (const [name, keys] of Object.entries(gone)) {
            const items = this.panels.get(name);
            for (const key of keys) {
                (back.put[name] ??= {})[key] = items.get(key);
                items.delete(key);
            }
        }
        for (const [name, changed] of Object.entries(put)) {
            if (!this.panels.has(name)) this.panels.set(name, new Map());
            const items = this.panels.get(name);
            for (const [key, item] of Object.entries(changed)) {
                if (items.has(key)) (back.put[name] ??= {})[key] = items.get(key);
                else (back.gone[name] ??= []).push(key);
                items.set(key, item);
            }
        }
        return back;
    }

    // The panels that there are now (kind, title, settings, items), by their names, numbers last.
    shown() {
        const panels = [];
        for (const [name, items] of this.panels) {
            if (!items.has("")) continue;
            const [kind, title, settings] = items.get("");
            panels.push({ name, kind, title, settings, items, film: this });
        }
        const rank = (panel) => Number(panel.kind === "facts");
        return panels.sort((a, b) => rank(a) - rank(b) ||
            a.name.localeCompare(b.name, "en", { numeric: true }));
    }

    // Every item that a panel ever has, as [key, item].
    *ever(name) {
        for (const step of [...this.steps, this.wrong ?? {}]) {
            for (const entry of Object.entries(step.put?.[name] ?? {})) {
                if (entry[0] !== "") yield entry;
            }
        }
    }

    // What is worked out once for a panel, and kept.
    once(name, work) {
        if (!this.notes.has(name)) this.notes.set(name, work());
        return this.notes.get(name);
    }

    isWrong(step) {
        return Boolean(this.wrong) && step === this.steps.length - 1;
    }
}
