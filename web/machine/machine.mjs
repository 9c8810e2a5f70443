// A PC just large enough for the kernel, around v86's CPU. Time is the number of instructions executed.
//
// Its devices are those of the machine that QEMU grades with: a 16550, polled; an IB700 watchdog, whose end is a
// non-maskable interrupt; pvpanic, at which the memory is looked at; isa-debug-exit. It runs in a browser's worker
// as in Node, and asks for nothing but v86.wasm.

import { Cpu } from "./cpu.mjs";
import { load } from "./multiboot.mjs";

export { compile } from "./cpu.mjs";

export const TSC_SHIFT = 9;           // as in QEMU: the time stamp counter advances by 2^9 for each instruction
const TICKS_A_MICROTICK = 1e6;        // v86's
const TWO_SECONDS = 3906250;          // instructions of 2^9 ns each
const PAGE = 4096, PRESENT = 1;
const NON_MASKABLE = 2, DOUBLE_FAULT = 8;
const SERIAL = 0x3f8, LINE_CONTROL = 0x3fb, LINE_STATUS = 0x3fd, WATCHDOG_STOP = 0x441, WATCHDOG_START = 0x443,
    PVPANIC = 0x505, EXIT = 0xf4;
const TRANSMITTER_EMPTY = 0x60, RECEIVED = 1, LATCH_OPEN = 0x80;
const PANICKED = 1, CRASH_LOADED = 2; // what pvpanic is told
const ASKED_IN_VAIN = 100;            // so often for a byte that none will come

/**
 * What a look finds: the control registers, how many bytes the log has, and pages by their physical addresses.
 * @typedef {{ cr0: number, cr3: number, cr4: number, log_size: number, pages: Map<number, Uint8Array> }} Snapshot
 */

export class Machine {
    /** @type {number | null} */ status = null; // what was written to isa-debug-exit
    /** @type {number | null} */ fault = null;  // where a triple fault began: then the machine has reset itself
    stuck = false;           // halted for ever
    /** @type {number[]} */ input = [];
    sent = 0;                // bytes
    asked = 0;               // for input, in vain
    told = 0;                // to pvpanic: crash loaded, so often since the last stop
    latch = 0;               // of the serial port's line control
    deadline = Infinity;     // the watchdog's
    counted = 0;             // instructions, and the time of those that were not executed while it was halted
    last_ticks = -1;
    repeated = 0;            // so often in a row
    /** @type {Cpu} */ cpu;

    /**
     * @param {WebAssembly.Module} module  v86.wasm, compiled
     * @param {object} with_what
     * @param {number} [with_what.memory]  MiB
     * @param {(byte: number) => void} [with_what.serial]  has what the serial port says
     * @param {(snapshot: Snapshot) => void} [with_what.look]  is called at each stop for a look
     */
    constructor(module, { memory = 32, serial = () => {}, look = () => {} } = {}) {
        this.serial = serial;
        this.look = look;
        this.cpu = new Cpu(module, memory << 20, { read: (port) => this.read(port),
            write: (port, byte) => this.write(port, byte) }, () => this.microtick());
    }

    /** @param {Uint8Array} elf @param {{ options?: string, script?: Uint8Array | null }} with_what */
    load(elf, { options = "", script = null } = {}) {
        load(this.cpu, elf, `tsc-shift=${TSC_SHIFT} ${options}`.trim(), script);
    }

    // While the processor is made, it asks for the time already.
    get instructions() { return this.counted += this.cpu?.count() ?? 0; }

    // Never the same value twice: v86 would make one up.
    microtick() {
        const ticks = this.instructions * (1 << TSC_SHIFT);
        this.repeated = ticks === this.last_ticks ? this.repeated + 1 : 0;
        this.last_ticks = ticks;
        return (ticks + this.repeated + 0.5) / TICKS_A_MICROTICK;
    }

    get off() { return this.status !== null || this.fault !== null || this.stuck; }

    // Whether it does nothing but wait for what is typed.
    get waiting() { return this.asked > ASKED_IN_VAIN && !this.input.length; }

    /** @param {string} text */
    type(text) { this.input.push(...new TextEncoder().encode(text)); }

    /** Runs for so many instructions (a few more), until it waits for input or is off. @param {number} instructions */
    run(instructions) {
        const until = this.instructions + instructions;
        while (!this.off && this.instructions < until) {
            if (this.cpu.halted && !this.wake()) return;
            this.slice();
            if (!this.off && this.instructions >= this.deadline) this.bark();
            if (this.waiting) return;
        }
    }

    slice() {
        try {
            this.cpu.run();
        } catch (error) {
            if (!(error instanceof RangeError) && !(error instanceof WebAssembly.RuntimeError)) throw error;
            this.faulted();
        }
    }

    // v86 knows no double fault: an exception that can't be delivered raises itself for ever and fills JavaScript's
    // stack, or ends WebAssembly. Then the machine goes on in another processor, in the double fault's task.
    faulted() {
        const where = this.cpu.last_instruction;
        this.cpu.begin_again(BigInt(this.instructions) << BigInt(TSC_SHIFT));
        try {
            this.cpu.interrupt(DOUBLE_FAULT);
        } catch {
            this.fault = where;
        }
    }

    // Halted, with interrupts off: only the watchdog ends that.
    wake() {
        this.stuck = this.deadline === Infinity;
        if (this.stuck) return false;
        this.counted = Math.max(this.instructions, this.deadline);
        this.cpu.halted = false;
        this.bark();
        return true;
    }

    bark() {
        this.deadline = Infinity;
        this.cpu.interrupt(NON_MASKABLE);
    }

    /** @param {number} port */
    read(port) {
        if (port === SERIAL) return this.input.shift() ?? 0;
        if (port !== LINE_STATUS) return 0xff;
        this.asked = this.input.length ? 0 : this.asked + 1;
        return TRANSMITTER_EMPTY | (this.input.length ? RECEIVED : 0);
    }

    /** @param {number} port @param {number} byte */
    write(port, byte) {
        this.asked = 0;
        if (port === SERIAL && !this.latch) { this.sent++; this.serial(byte); }
        else if (port === LINE_CONTROL) this.latch = byte & LATCH_OPEN;
        else if (port === WATCHDOG_START) this.deadline = this.instructions + TWO_SECONDS;
        else if (port === WATCHDOG_STOP) this.deadline = Infinity;
        else if (port === PVPANIC && byte & CRASH_LOADED) this.told++;
        else if (port === PVPANIC && byte & PANICKED) this.stopped();
        else if (port === EXIT) { this.status = byte * 2 + 1; this.cpu.halted = true; }
    }

    // A stop that nothing was told of before is for a look (kernel/arch/inspection.cpp).
    stopped() {
        if (!this.told) this.look(this.snapshot());
        this.told = 0;
    }

    // The page directory and its tables, as they are now.
    snapshot() {
        const [cr0, , , cr3, cr4] = this.cpu.control, memory = this.cpu.memory, pages = new Map();
        const page = (/** @type {number} */ entry) => {
            const at = (entry & ~(PAGE - 1)) >>> 0;
            if (at + PAGE <= memory.length && !pages.has(at)) pages.set(at, memory.slice(at, at + PAGE));
            return pages.get(at);
        };
        const directory = page(cr3);
        if (directory) new Uint32Array(directory.buffer).forEach((entry) => { if (entry & PRESENT) page(entry); });
        return { cr0, cr3, cr4, log_size: this.sent, pages };
    }
}
