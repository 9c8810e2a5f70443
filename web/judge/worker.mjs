// The judge, in a thread of its own. In: { id, call: "judged" | "graded", kernel, argument }. Out: { progress },
// { ready } or { broken }; { id, said }, { id, answer } or { id, failed }.

import { loadPyodide } from "../pyodide/pyodide.mjs";
import { compile } from "../machine/machine.mjs";
import { Judge } from "./judge.mjs";

async function fetched(name) {
    const answer = await fetch(new URL(name, import.meta.url));
    if (!answer.ok) throw new Error(`${name}: ${answer.status} ${answer.statusText}`);
    return answer;
}

async function begin() {
    postMessage({ progress: "Python" });
    const parts = [fetched("../v86.wasm"), fetched("kit.zip"), fetched("page.py")];
    const python = await loadPyodide({ indexURL: new URL("../pyodide/", import.meta.url).href });
    postMessage({ progress: "the oracles" });
    const [cpu, kit, page] = await Promise.all(parts);
    return new Judge(python, await compile(await cpu.arrayBuffer()), await kit.arrayBuffer(), await page.text());
}

const judge = begin();
judge.then(() => postMessage({ ready: true }), (error) => postMessage({ broken: String(error) }));

// One at a time: a question that comes while another is answered waits for the thread.
onmessage = async ({ data: { id, call, kernel, argument } }) => {
    try {
        postMessage({ id, answer: (await judge).ask(call, kernel, argument, (said) => postMessage({ id, said })) });
    } catch (error) {
        postMessage({ id, failed: String(error).trim().split("\n").pop() });
    }
};
