// node boot.mjs FOLDER MEMORY: plays FOLDER/script on FOLDER/kernel, in FOLDER/v86.wasm, for grader/emulators/v86.py.
// Leaves FOLDER/log and FOLDER/looks; says { ending, fault, instructions } in FOLDER/end.

import { readFileSync, writeFileSync } from "node:fs";
import { compile } from "./machine.mjs";
import { play } from "./play.mjs";

const [folder, memory] = process.argv.slice(2);
const file = (/** @type {string} */ name) => `${folder}/${name}`;
const module = await compile(readFileSync(file("v86.wasm")));
const { log, looks, ...end } = play(module, new Uint8Array(readFileSync(file("kernel"))),
    readFileSync(file("script"), "ascii"), { memory: Number(memory) });
writeFileSync(file("log"), log);
writeFileSync(file("looks"), looks);
writeFileSync(file("end"), JSON.stringify(end));
