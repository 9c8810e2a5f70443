// A machine in a thread of its own. In: { id, kernel, script } or { id, kernel, help: lab }. Out: { id, log, ending },
// { id, text } or { id, failed }.

import { Machine, compile } from "./machine.mjs";
import { LIMITS, play } from "./play.mjs";

const PATIENCE = { ...LIMITS, instructions: 4e8 }; // some ten seconds: somebody waits for it
const TO_THE_PROMPT = 1e8;

const module = fetch(new URL("../v86.wasm", import.meta.url)).then((answer) => answer.arrayBuffer()).then(compile);

/**
 * What the kernel's prompt says to `help`.
 * @param {WebAssembly.Module} compiled @param {Uint8Array} kernel @param {string} lab
 */
function help(compiled, kernel, lab) {
    /** @type {number[]} */ const bytes = [];
    const machine = new Machine(compiled, { serial: (byte) => bytes.push(byte) });
    machine.load(kernel, { options: `lab=${lab}` });
    machine.run(TO_THE_PROMPT);
    machine.type("help\r");
    machine.run(TO_THE_PROMPT);
    return String.fromCharCode(...bytes).replace(/\x1b\[[0-9;?]*[A-Za-z]/g, "").replace(/\r/g, "");
}

onmessage = async ({ data: { id, kernel, script, help: lab } }) => {
    try {
        const compiled = await module;
        if (lab) postMessage({ id, text: help(compiled, kernel, lab) });
        else {
            const { log, ending } = play(compiled, kernel, script, { limits: PATIENCE });
            postMessage({ id, log: new TextDecoder("latin1").decode(log), ending });
        }
    } catch (error) {
        postMessage({ id, failed: String(error instanceof Error ? error.message : error) });
    }
};
