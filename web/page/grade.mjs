// Grading in the page: a kernel image, a lab's graded tests or all of them, the grader's own Python.

import { element, the } from "./element.mjs";
import { Judge } from "./judge.mjs";
import { gradeLab } from "./marks.mjs";
import "./offline.mjs";

const say = (...within) => the("judge").replaceChildren(...within);
const judge = new Judge(say);
const labs = await (await fetch("labs.json")).json();
the("lab").append(...labs.map(({ slug, title }) => element("option", { value: slug }, title)));
judge.load().then(() => say("The judge is here: choose a kernel."), () => {});

async function grade(kernel) {
    the("results").replaceChildren();
    delete document.documentElement.dataset.graded;
    const found = {};
    try {
        for (const lab of labs.filter(({ slug }) => !the("lab").value || slug === the("lab").value)) {
            say(`Grading: ${lab.title} …`);
            found[lab.slug] = await gradeLab(judge, kernel, lab, the("results"));
        }
        say("Graded.");
    } catch (/** @type {any} */ error) {
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
