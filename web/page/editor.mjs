// CodeMirror, in a shadow: there its style needs no permission of the page's policy.

import { EditorState } from "../codemirror/codemirror-state.mjs";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from "../codemirror/codemirror-view.mjs";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "../codemirror/codemirror-commands.mjs";
import { bracketMatching, defaultHighlightStyle, indentOnInput, indentUnit, syntaxHighlighting }
    from "../codemirror/codemirror-language.mjs";
import { cpp } from "../codemirror/codemirror-lang-cpp.mjs";
import { lintGutter, setDiagnostics } from "../codemirror/codemirror-lint.mjs";

const THEME = EditorView.theme({
    "&": { border: "1px solid var(--line)", borderRadius: "6px", height: "32rem", color: "var(--ink)", background: "var(--card)" },
    ".cm-scroller": { fontFamily: "var(--mono)", overflow: "auto" },
    ".cm-content": { caretColor: "var(--ink)" },
    ".cm-gutters": { color: "var(--soft)", background: "var(--card)", border: "none" },
    ".cm-activeLine": { background: "transparent" },
});

export class Editor {
    // `changed(text)` is told of what is typed.
    constructor(place, changed) {
        this.root = place.attachShadow({ mode: "open" });
        const dark = matchMedia("(prefers-color-scheme: dark)").matches;
        this.extensions = [lineNumbers(), history(), drawSelection(), indentOnInput(), indentUnit.of("    "), bracketMatching(),
            ...(dark ? [] : [syntaxHighlighting(defaultHighlightStyle)]), highlightActiveLine(), cpp(), lintGutter(), THEME,
            keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]), EditorView.lineWrapping,
            EditorView.contentAttributes.of({ "aria-label": "Your code", tabindex: "0" }),
            EditorView.updateListener.of(({ docChanged, state }) => { if (docChanged) changed(state.doc.toString()); })];
        this.view = new EditorView({ root: this.root, parent: this.root });
    }

    get text() { return this.view.state.doc.toString(); }
    set text(doc) { this.view.setState(EditorState.create({ doc, extensions: this.extensions })); }

    // [{ line, column, severity, message }…], as the compiler counts.
    complain(found) {
        const { doc } = this.view.state;
        const diagnostics = found.filter(({ line }) => line <= doc.lines).map(({ line, column, severity, message }) => {
            const { from, to } = doc.line(line), begin = Math.min(to, from + column - 1);
            return { from: begin, to: Math.max(begin, to), severity, message };
        });
        this.view.dispatch(setDiagnostics(this.view.state, diagnostics));
    }

    go(line) {
        const { from } = this.view.state.doc.line(Math.min(line, this.view.state.doc.lines));
        this.view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
        this.view.focus();
    }
}
