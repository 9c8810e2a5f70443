// Grading in the page: a kernel image, a lab's graded tests or all of them, the grader's own Python.

import { element, the } from "./element.mjs";
import { Judge, told } from "./judge.mjs";
import { link, read } from "./scenario.mjs";
import "./offline.mjs";

const say = (...within) => the("judge").replaceChildren(...within);
const judge = new Judge(say);
const labs = await (await fetch("labs.json")).json();
the("lab").append(...labs.map(({ slug, title }) => element("option", { value: slug }, title)));
judge.ready.then(() => say("The judge is here: choose a kernel."), () => {});

function row({ test, idea, points, of, verdict, scenario, ...finding }) {
    const about = element("td", {}, verdict === "pass" ? idea : told({ verdict, ...finding })[1]);
    if (scenario) about.append(" ", element("a", { href: `try.html${link(read(scenario))}` }, "Its scenario"));
    const cells = [element("td", { class: `verdict is-${verdict}` }, verdict), element("td", {}, `${points}/${of}`),
        element("td", {}, test), about];
    return element("tr", {}, ...cells);
}

async function gradeLab(kernel, { slug, title }) {
    const body = element("tbody"), heading = element("h2", {}, title);
    const names = ["verdict", "points", "test", "about"].map((name) => element("th", { scope: "col" }, name));
    the("results").append(heading, element("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": title },
        element("table", {}, element("thead", {}, element("tr", {}, ...names)), body)));
    const marks = await judge.ask("graded", kernel, slug, (mark) => body.append(row(mark)));
    const points = marks.reduce((sum, mark) => sum + mark.points, 0);
    heading.append(element("span", { class: "points" }, `${points}/${marks.reduce((sum, { of }) => sum + of, 0)}`));
    return marks;
}

async function grade(kernel) {
    the("results").replaceChildren();
    delete document.documentElement.dataset.graded;
    const found = {};
    try {
        for (const lab of labs.filter(({ slug }) => !the("lab").value || slug === the("lab").value)) {
            say(`Grading: ${lab.title} …`);
            found[lab.slug] = await gradeLab(kernel, lab);
        }
        say("Graded.");
    } catch (error) {
        say(error.message);
    }
    document.documentElement.dataset.graded = JSON.stringify(found);
}

the("choice").addEventListener("submit", async (event) => {
    event.preventDefault();
    const [file] = the("file").files;
    if (file) await grade(new Uint8Array(await file.arrayBuffer()));
    else say("Choose a kernel image first: build/0xC0000000/images/….boot, which a grading leaves, or the reference.");
});
the("reference").addEventListener("click", async () =>
    grade(new Uint8Array(await (await fetch("reference.elf")).arrayBuffer())));
document.documentElement.dataset.ready = "yes";
