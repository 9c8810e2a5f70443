// A script played from the boot to its end: what grader/emulators/v86.py asks of a machine, in Node and in a page.

import { Machine } from "./machine.mjs";

const SLICE = 1e6; // instructions
export const LIMITS = { instructions: 2e9, output: 2 << 20, looks: 128 << 20 }; // the backstops; bytes

/**
 * { log, ending, fault, looks, instructions }: `ending` is the name of a grader.judging.judge.Ending, `fault` where
 * a triple fault began, `looks` all snapshots as `packed` has them.
 * @param {WebAssembly.Module} module @param {Uint8Array} elf @param {string} script
 */
export function play(module, elf, script, { memory = 32, limits = LIMITS } = {}) {
    /** @type {number[]} */ const log = [];
    /** @type {Uint8Array[]} */ const looks = [];
    let size = 0;
    const machine = new Machine(module, { memory, serial: (byte) => log.push(byte), look: (snapshot) => {
        looks.push(...packed(snapshot));
        size += snapshot.pages.size * 4100 + 20;
    } });
    machine.load(elf, { script: new TextEncoder().encode(script) });
    const within = () => machine.instructions < limits.instructions && log.length < limits.output && size < limits.looks;
    while (!machine.off && within()) machine.run(SLICE);
    return { log: Uint8Array.from(log.slice(0, limits.output)), ending: ending(machine, log, size, limits),
        fault: machine.fault, looks: joined(looks), instructions: machine.instructions };
}

/** @param {Machine} machine @param {number[]} log @param {number} size @param {typeof LIMITS} limits */
function ending(machine, log, size, limits) {
    if (log.length >= limits.output || size >= limits.looks) return "OUTPUT";
    if (machine.fault !== null) return "RESET";
    return machine.status !== null ? "POWER_OFF" : "CPU_TIME";
}

/**
 * A snapshot as bytes: cr0, cr3, cr4, the log's size, the number of pages; each page behind its physical address.
 * @param {import("./machine.mjs").Snapshot} snapshot
 */
function packed({ cr0, cr3, cr4, log_size, pages }) {
    const words = (/** @type {number[]} */ ...numbers) => new Uint8Array(Uint32Array.from(numbers).buffer);
    return [words(cr0, cr3, cr4, log_size, pages.size), ...[...pages].flatMap(([at, page]) => [words(at), page])];
}

/** @param {Uint8Array[]} parts */
function joined(parts) {
    const all = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
    let at = 0;
    for (const part of parts) { all.set(part, at); at += part.length; }
    return all;
}
