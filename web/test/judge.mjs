// The site's judge, in Node: what the tests and `bench.mjs` ask.

import { readFileSync } from "node:fs";
import { loadPyodide } from "pyodide";
import { Judge } from "../judge/judge.mjs";
import { compile } from "../machine/machine.mjs";

export const SITE = new URL("../../build/site/", import.meta.url);
export const bytes = (name) => new Uint8Array(readFileSync(new URL(name, SITE)));

export async function judge() {
    const python = await loadPyodide();
    const page = readFileSync(new URL("judge/page.py", SITE), "utf8");
    return new Judge(python, await compile(bytes("v86.wasm")), bytes("judge/kit.zip"), page);
}
