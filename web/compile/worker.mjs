// The compiler, in a thread of its own. In: { id, compile: lab, source } or { id, where: addresses }. Out: { progress }
// in bytes; { id, output, kernel } (null if it does not compile), { id, places } or { id, failed }.

import { Compiler } from "./clang.mjs";
import { place } from "./place.mjs";
import { Unsupported } from "./values.mjs";

const BEFORE_A_CALL = 1; // a return address lies behind it
let compiler, last;

const file = (name) => fetch(new URL(`../${name}`, import.meta.url)).then((answer) => {
    if (!answer.ok) throw new Error(`${name}: ${answer.status} ${answer.statusText}`);
    return answer;
});

// The compiler is fetched when it is first asked for something.
async function begin() {
    const headers = await (await file("clang/headers.json")).json();
    const llvm = await import("../clang/bundle.js");
    return new Compiler(llvm, headers, ({ doneLength }) => postMessage({ progress: doneLength }));
}

async function compile(lab, source) {
    compiler ??= begin();
    const room = await (await file(`rooms/${lab}.json`)).json();
    const { said, wasm, signatures } = await (await compiler).compile(source, room);
    if (!wasm) return { output: said, kernel: null };
    try {
        const made = place(wasm, signatures, room, new Uint8Array(await (await file(`rooms/${lab}.elf`)).arrayBuffer()));
        last = { wasm, places: made.places, end: room.code.address + room.code.size };
        return { output: said, kernel: made.kernel };
    } catch (error) {
        if (!(error instanceof Unsupported)) throw error;
        return { output: `kernel/mm/${room.file}: error: ${error.message}`, kernel: null };
    }
}

// Where in the source addresses of the kernel compiled last came from; "" for those of the kit's own code.
async function where(addresses) {
    const found = addresses.map((address) => {
        if (!last || address < last.places[0][0] || address >= last.end) return null;
        return last.places.findLast(([at]) => at <= address - BEFORE_A_CALL)?.[1] ?? null;
    });
    const known = found.filter((at) => at !== null);
    const told = known.length ? await (await compiler).where(last.wasm, known) : [];
    return found.map((at) => at === null ? "" : told.shift());
}

onmessage = async ({ data: { id, compile: lab, source, where: addresses } }) => {
    try {
        postMessage(addresses ? { id, places: await where(addresses) } : { id, ...await compile(lab, source) });
    } catch (error) {
        postMessage({ id, failed: String(error) });
    }
};
