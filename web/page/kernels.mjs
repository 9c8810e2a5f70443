// The kernels to play on: those that lie beside the page (the reference, some with a mistake; or what was graded), and
// what was written in it.

import { element } from "./element.mjs";

const WRITTEN = "written"; // the cache's name, static/worker.js leaves it alone

const bytes = async (answer) => new Uint8Array(await answer.arrayBuffer());
const address = (lab) => new URL(`../${WRITTEN}/${lab}.elf`, import.meta.url).href;

export async function fetched(name) {
    const answer = await fetch(new URL(`../${name}`, import.meta.url));
    if (!answer.ok) throw new Error(`There is no kernel ${name} beside this page.`);
    return bytes(answer);
}

// The kernels beside the page, and what else can be chosen. Nothing that is not in the list is fetched for a link.
export class Kernels {
    constructor({ alone, kernels }) {
        this.kernels = kernels;
        this.others = alone ? [] : [["written", "what you wrote in the page"]];
        this.alone = alone; // no other page lies beside this one
    }

    static async listed() {
        return new Kernels(await (await fetch(new URL("../kernels.json", import.meta.url))).json());
    }

    // What can be chosen for a lab, as [value, words].
    choices(lab) {
        const fitting = this.kernels.filter(({ lab: of }) => !of || of === lab).map(({ file, name }) => [file, name]);
        return [...fitting, ...this.others, ["own", "your own …"]];
    }

    // Offers them in a <select>, with what was chosen before, or what the address asks for, or else the first.
    offer(select, lab, asked) {
        const choices = this.choices(lab), before = select.value;
        const known = (value) => choices.some(([one]) => one === value);
        select.replaceChildren(...choices.map(([value, words]) => element("option", { value }, words)));
        select.value = [before, asked].find(known) ?? choices[0][0];
    }

    hasMistake(choice) {
        return !this.alone && this.kernels.some(({ file, lab }) => file === choice && lab);
    }

    // The address' part that leads to the one that is chosen: of the reference, and of what nobody else has, nothing.
    asked(choice) {
        const listed = this.kernels.some(({ file, lab }) => file === choice && lab);
        return listed ? `?${new URLSearchParams({ kernel: choice })}` : "?";
    }
}

// What an address asks for beside the scenario.
export function wanted(search) {
    const said = new URLSearchParams(search);
    return said.has("written") ? "written" : said.get("kernel") ?? "";
}

export async function keepWritten(lab, kernel) {
    await (await globalThis.caches?.open(WRITTEN))?.put(address(lab), new Response(kernel));
}

// The kernel of what was written for a lab, or null.
export async function written(lab) {
    const found = await (await globalThis.caches?.open(WRITTEN))?.match(address(lab));
    return found ? bytes(found) : null;
}
