// Writing a lab's file in the page: it is compiled here, put into the kernel, and graded by the same Python.

import { Asked } from "./ask.mjs";
import { element, the } from "./element.mjs";
import { Judge } from "./judge.mjs";
import { Editor } from "./editor.mjs";
import { keepWritten } from "./kernels.mjs";
import { gradeLab } from "./marks.mjs";
import "./offline.mjs";

const MEGABYTE = 1e6;
const say = (...within) => the("judge").replaceChildren(...within);
const judge = new Judge(say);
judge.load().then(() => say("The judge is here."), () => {});
const [labs, { compiler: size, labs: files }] = await Promise.all(["labs.json", "writing.json"]
    .map(async (name) => (await fetch(name)).json()));
let compiler = null, turn = 0;

const slug = () => the("lab").value;
const key = (lab) => `written ${files[lab].file}`;
const stored = (lab) => localStorage.getItem(key(lab)) ?? files[lab].stub;
const editor = new Editor(the("editor"), (text) => localStorage.setItem(key(slug()), text));

function show(lab) {
    editor.text = stored(lab);
    the("name").textContent = files[lab].file;
    the("headers").replaceChildren(...Object.entries(files[lab].headers).map(([name, text]) =>
        element("details", { open: "" }, element("summary", {}, `kernel/${name}: the contract`), element("pre", { tabindex: "0" }, text))));
    for (const id of ["results", "said"]) the(id).replaceChildren();
}

// A thread that is asked to compile; one that hangs is ended by a new question.
function asked() {
    compiler ??= new Asked("../compile/worker.mjs", ({ progress, broken }) => {
        if (progress) say(`The compiler is loading: ${(progress / MEGABYTE).toFixed(0)} of ${(size / MEGABYTE).toFixed(0)} MB …`);
        if (broken) say(`The compiler is broken: ${broken}`);
    });
    return compiler;
}

const COMPLAINT = /^(\S+?):(\d+):(\d+): (?:fatal )?(error|warning): (.*)$/gm;

function tellSaid(said, lab) {
    const own = [...said.matchAll(COMPLAINT)].filter(([, name]) => name.endsWith(`/${files[lab].file}`))
        .map(([, , line, column, severity, message]) => ({ line: Number(line), column: Number(column), severity, message }));
    editor.complain(own);
    const links = own.map(({ line, severity, message }) => element("li", {}, element("button",
        { type: "button", onclick: () => editor.go(line) }, `line ${line}`), ` ${severity}: ${message}`));
    the("said").replaceChildren(...(links.length ? [element("ul", { class: "complaints" }, ...links)] : []),
        ...(said && !links.length ? [element("pre", { tabindex: "0" }, said)] : []));
    return own;
}

async function place({ eip, trace }) {
    const { places } = await asked().ask({ where: [eip, ...trace] });
    return places.find(Boolean) ?? "";
}

async function grade() {
    const lab = labs.find((one) => one.slug === slug()), mine = ++turn;
    delete document.documentElement.dataset.graded;
    the("results").replaceChildren();
    say(`Compiling ${files[lab.slug].file} …`);
    const { output, kernel } = await asked().ask({ compile: lab.slug, source: editor.text });
    if (mine !== turn) return;
    const own = tellSaid(output, lab.slug);
    if (!kernel) {
        say("It does not compile. ", own.length ? `Line ${own[0].line}: ${own[0].message}` : "");
    } else {
        await keepWritten(lab.slug, kernel);
        say(`Grading: ${lab.title} …`);
        const marks = await gradeLab(judge, kernel, lab, the("results"), place, "?written");
        if (mine !== turn) return;
        const points = marks.reduce((sum, mark) => sum + mark.points, 0);
        say(`${points} points here. What counts is the course's own run.`);
        document.documentElement.dataset.points = String(points);
    }
    document.documentElement.dataset.graded = String(mine);
}

the("lab").append(...labs.filter((lab) => files[lab.slug])
    .map((lab) => element("option", { value: lab.slug }, `${lab.number} ${lab.title}`)));
the("lab").addEventListener("change", () => show(slug()));
the("grade").addEventListener("click", () => grade().catch((error) => {
    say(error.message);
    document.documentElement.dataset.graded = `failed: ${error.message}`;
}));
the("stub").addEventListener("click", () => {
    if (stored(slug()) === files[slug()].stub || confirm("What you wrote is lost then. Begin again?")) {
        localStorage.removeItem(key(slug()));
        show(slug());
    }
});
the("export").addEventListener("click", () => {
    const address = URL.createObjectURL(new Blob([editor.text], { type: "text/x-c++src" }));
    element("a", { href: address, download: files[slug()].file }).click();
    URL.revokeObjectURL(address);
});
the("grade").disabled = !size;
the("size").textContent = size ? `The first time, a compiler is loaded for it: ${(size / MEGABYTE).toFixed(0)} MB, less where the server compresses.`
    : "This site has no compiler: code can be written here, and exported.";
show(slug());
document.documentElement.dataset.ready = "yes";
