// What web/compile/ makes of WebAssembly computes what WebAssembly does; and the reference, compiled so, has full marks.

import { before, test } from "node:test";
import { readFileSync } from "node:fs";
import assert from "node:assert/strict";
import { Compiler } from "../../compile/clang.mjs";
import { place } from "../../compile/place.mjs";
import { compile } from "../../machine/machine.mjs";
import { play } from "../../machine/play.mjs";
import { SITE, bytes, judge } from "../judge.mjs";

const text = (name) => readFileSync(new URL(`../../../${name}`, import.meta.url), "utf8");
const room = (lab) => JSON.parse(readFileSync(new URL(`rooms/${lab}.json`, SITE), "utf8"));
const OPERATIONS = [...Array(24).keys(), ...[...Array(22).keys()].map((i) => i + 40)].filter((i) => i !== 0 && i !== 40);
let compiler;

before(async () => {
    const headers = JSON.parse(readFileSync(new URL("clang/headers.json", SITE), "utf8"));
    compiler = new Compiler(await import(new URL("clang/bundle.js", SITE).href), headers);
});

async function made(lab, source) {
    const { said, wasm, signatures } = await compiler.compile(source, room(lab));
    assert.ok(wasm, said);
    return { wasm, ...place(wasm, signatures, room(lab), bytes(`rooms/${lab}.elf`)) };
}

test("whole numbers of 32 and 64 bits, memory and calls by address", async () => {
    const { wasm, kernel } = await made("buddy", text("web/test/writing/arithmetic.cpp"));
    const memory = new WebAssembly.Memory({ initial: 65536 });
    /** @type {any} */ const { exports } = (await WebAssembly.instantiate(wasm, { env: { memory } })).instance;
    const script = OPERATIONS.map((i) => `scenario of${i}\nlimit 100000000\ninit ${i}\n`).join("");
    const { log } = play(await compile(bytes("v86.wasm")), kernel, `marionette-scenario 1\nlab buddy\n${script}`);
    const sizes = [...new TextDecoder().decode(log).matchAll(/ -> size=(\d+)/g)].map(([, size]) => Number(size));
    assert.deepEqual(sizes, OPERATIONS.map((i) => exports._Z16buddy_state_sizej(i) >>> 0));
});

for (const lab of JSON.parse(readFileSync(new URL("writing.json", SITE), "utf8")).slugs)
    test(`${lab}: the reference passes every test that does not count instructions`, async () => {
        const { kernel } = await made(lab, text(`solutions/mm/${room(lab).file}`));
        const marks = (await judge()).ask("graded", kernel, lab);
        assert.deepEqual(marks.filter(({ verdict }) => verdict !== "pass").map(({ test: name, rule }) => `${name}: ${rule}`), []);
    });
