// The prompt: each line that is typed is added to a scenario, which a kernel plays from its boot on; so what is seen
// here is a scenario at any time, and can be changed, judged and shared.

import { Asked } from "./ask.mjs";
import { element, the } from "./element.mjs";
import { Judge, told } from "./judge.mjs";
import { Kernels, fetched, wanted, written } from "./kernels.mjs";
import { isOperation, link, linked, outcomes, read, script, stopInWords } from "./scenario.mjs";
import { Film, Viewer } from "./pictures.mjs";
import "./offline.mjs";

const machine = new Asked("../machine/worker.mjs", ({ broken }) => say(`The machine is broken: ${broken}`, false));
const state = { lab: "buddy", lines: [], next: [], kernel: null };
let judge, kernels, turn = 0;

function say(text, good) {
    const place = the("judge"), mark = good === undefined ? [] : [element("b", {}, good ? "✓ " : "✗ ")];
    place.replaceChildren(...mark, text);
    place.classList.toggle("is-good", good === true);
    place.classList.toggle("is-bad", good === false);
}

// Of the judge, which loads while the page is used already. What a kernel with a mistake asks for stands before that.
function sayOfJudge(text) {
    if (state.lines.length || !kernels.hasMistake(the("kernel").value)) say(text);
}

function show({ found, broken }) {
    let number = 0;
    const items = state.lines.map((line) => {
        const item = element("div", {}, element("div", { class: "typed" }, `${state.lab}> ${line}`));
        const came = isOperation(line) ? found.get(++number) : null;
        if (came) item.append(...came.printed.map((text) => element("span", { class: "printed" }, text)),
            element("div", {}, came.outcome || stopInWords(came.stop)));
        if (came?.outcome === "panic") item.append(element("div", {}, stopInWords(came.stop)));
        return item;
    });
    if (broken) items.push(element("div", {}, broken));
    the("log").replaceChildren(...items);
    the("log").scrollTop = the("log").scrollHeight;
    document.documentElement.dataset.played = String(state.lines.length);
}

async function play() {
    const mine = ++turn, text = script(state), kernel = state.kernel;
    for (const name of ["played", "judged"]) delete document.documentElement.dataset[name];
    the("text").value = state.lines.join("\n");
    the("share").href = kernels.asked(the("kernel").value) + link(state);
    showNext();
    if (!kernel) return say("There is no kernel of this lab here: choose one.");
    try {
        const { log } = await machine.ask({ kernel, script: text });
        if (mine === turn) show(outcomes(log));
    } catch (/** @type {any} */ error) {
        if (mine === turn) say(error.message, false);
        return;
    }
    if (state.lines.length) await judged(mine, kernel, text);
}

async function judged(mine, kernel, text) {
    const answer = await judge.ask("judged", kernel, text).catch((error) => ({ error: error.message }));
    if (mine !== turn) return;
    if (answer.error) return say(answer.error, false);
    const [scenario] = answer.scenarios, [good, words] = told(scenario);
    say(words, good);
    draw(scenario.film);
    document.documentElement.dataset.judged = String(state.lines.length);
}

function draw(film) {
    const place = element("div", { class: "viewer", id: "picture" });
    the("picture").replaceWith(place);
    if (film.steps.length) new Viewer(place, new Film(film)).go(film.steps.length - 1);
}

function showNext() {
    const [line, ...rest] = state.next;
    the("next").replaceChildren(...(line ? ["Next: ", element("button", { type: "button", onclick: () => {
        state.next = rest;
        typed(line);
    } }, line)] : []));
}

function typed(line) {
    state.lines.push(line);
    return play();
}

async function begin(lab, lines, next) {
    Object.assign(state, { lab, lines, next });
    the("lab").value = lab;
    the("line-label").textContent = `${lab}>`;
    kernels.offer(the("kernel"), lab, wanted(location.search));
    await chosen();
    the("help").textContent = (await machine.ask({ kernel: state.kernel, help: lab })).text.split("\n").slice(1).join("\n");
}

// The kernel chosen; of those that are not there the first of the list is played, and that is said.
async function kernelFor(choice) {
    if (choice !== "written") return fetched(choice);
    const found = await written(state.lab);
    if (!found) say("Nothing was compiled yet of what you write for this lab: this is the reference.");
    return found ?? fetched(kernels.kernels[0].file);
}

async function chosen() {
    const choice = the("kernel").value, { lab } = state;
    the("file").hidden = choice !== "own";
    const kernel = choice === "own" ? state.kernel : await kernelFor(choice);
    if (choice !== the("kernel").value || lab !== state.lab) return; // another was chosen meanwhile
    state.kernel = kernel;
    await play();
    if (!state.lines.length && kernels.hasMistake(choice))
        say("This kernel has a mistake: play what brings it out. The judge says when you did.");
}

const EXAMPLES = { buddy: ["init 16", "free 0 16", "a = alloc 3 3", "free a+1 2", "free a 1"],
    ppalloc: ["boot", "a = alloc 3 3", "free a 3"], vpalloc: ["init 0x400000 64", "a = alloc 3 3", "free a 3"],
    kvmalloc: ["boot", "a = kvmalloc 3", "kvfree a 3"], malloc: ["boot", "a = malloc 50", "free a"],
    paging: ["boot", "d = create", "map d 0x100000 0x400000 3 7", "inspect"] };

async function start() {
    const [labs, listed] = await Promise.all([(await fetch("labs.json")).json(), Kernels.listed()]);
    kernels = listed;
    if (kernels.alone) for (const link of document.querySelectorAll(".of-a-site")) link.remove();
    the("lab").append(...labs.map(({ slug, number, title }) => element("option", { value: slug }, `${number} ${title}`)));
    document.body.classList.toggle("in-a-box", new URLSearchParams(location.search).has("box"));
    judge = new Judge(sayOfJudge);
    await fromLink();
    document.documentElement.dataset.ready = "yes";
    judge.load().then(() => {
        if (!state.lines.length) sayOfJudge("The judge is here: it looks at everything that you play.");
        document.documentElement.dataset.judge = "yes";
    }, () => {});
}

function fromLink() {
    const { lab, lines, next } = linked(location.hash), known = [...the("lab").options].some(({ value }) => value === lab);
    const slug = known ? lab : "buddy";
    return begin(slug, lines, next.length || lines.length ? next : EXAMPLES[slug] ?? []);
}

the("prompt").addEventListener("submit", (event) => {
    event.preventDefault();
    const line = the("line").value.trim();
    the("line").value = "";
    if (line) typed(line);
});
the("again").addEventListener("click", () => begin(state.lab, [], EXAMPLES[state.lab] ?? []));
the("lab").addEventListener("change", () => begin(the("lab").value, [], EXAMPLES[the("lab").value] ?? []));
the("play").addEventListener("click", () => {
    const text = the("text").value, whole = text.startsWith("marionette-scenario") ? read(text) : null;
    state.lines = (whole?.lines ?? text.split("\n").map((line) => line.trim())).filter(Boolean);
    if (whole && whole.lab !== state.lab) return begin(whole.lab, state.lines, []);
    return play();
});
the("kernel").addEventListener("change", async () => {
    await chosen();
    if (the("kernel").value === "own") the("file").focus();
});
the("file").addEventListener("change", async () => {
    const [file] = the("file").files;
    if (!file) return;
    state.kernel = new Uint8Array(await file.arrayBuffer());
    play();
});
addEventListener("hashchange", fromLink);
start().catch((error) => say(error.message, false));
