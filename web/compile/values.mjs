// Where a translated function has its values: the locals, and what is on WebAssembly's stack.
//
// The most used locals of 32 bits are in registers, the others in the frame. Values on WebAssembly's stack have a place in
// the frame each; a constant, a local, and what was computed last (in eax, or in the flags) come there only when they have to.

import * as x from "./i386.mjs";
import { countUses } from "./uses.mjs";

const NEARBY = [x.EBX, x.ESI, x.EDI]; // registers for locals; calls leave them as they are
const SAVED = 4 * NEARBY.length;

export class Unsupported extends Error {}

export const floating = (type) => {
    if (type !== "i32" && type !== "i64") throw new Unsupported("it computes with floating-point numbers: a kernel has none");
};
export const size = (type) => type === "i64" ? 8 : 4;

// How many bytes of the stack each argument takes: a struct's all of them, if the function is one of C++'s.
export const sizes = ({ parameters }, structs = []) => parameters.map((type, i) => structs[i] ? up4(structs[i]) : size(type));
export const up4 = (bytes) => bytes + 3 & ~3;
export const sum = (numbers) => numbers.reduce((all, number) => all + number, 0);

/** A register, or a place in the frame or elsewhere in memory. @typedef {import("./i386.mjs").Operand} Operand */
/** A value on WebAssembly's stack. @typedef {{ type: string, kind: string, value?: any, depth: number }} Value */

export class Values {
    /** @type {Value[]} */ stack = [];
    /** @type {any[]} */ labels = []; // of the blocks that are open
    dead = 0;                // in code that is never reached: so many blocks deep
    frame = 0;               // where in the code its size stands
    deepest = 0;             // so many values lay on the stack

    /** @param {any} f @param {any} program @param {import("./i386.mjs").Code} code */
    constructor(f, program, code) {
        this.f = f;
        this.program = program;
        this.code = code;
        this.types = [...f.signature.parameters, ...f.locals];
        this.types.forEach(floating);
        this.layOut();
    }

    // Where the locals are: parameters where the caller put them, the most used ones of 32 bits in registers.
    layOut() {
        let above = 8, below = -SAVED;
        const used = countUses(this.program.module.bytes, this.f), taken = sizes(this.f.signature, this.f.structs);
        const near = this.types.map((type, i) => ({ type, i })).filter(({ type, i }) => type === "i32" && used[i])
            .sort((a, b) => used[b.i] - used[a.i]).slice(0, NEARBY.length).map(({ i }) => i);
        this.locals = this.types.map((type, i) => {
            const isStruct = Boolean(this.f.structs?.[i]), came = i < taken.length ? above : undefined, nearby = near.indexOf(i);
            above += taken[i] ?? 0;
            if (nearby >= 0) return { reg: NEARBY[nearby], came, isStruct };
            return { at: came === undefined || isStruct ? below -= size(type) : came, came, isStruct };
        });
        this.values = below; // what is on WebAssembly's stack lies below
    }

    prologue() {
        const { code } = this;
        code.push({ reg: x.EBP });
        code.store({ reg: x.EBP }, x.ESP);
        for (const reg of NEARBY) code.push({ reg });
        code.put(0x81, 0xec); // sub esp
        this.frame = code.here;
        this.deepest = 0;
        code.word(0);
        code.put(0x83, 0xe4, 0xf0); // and esp, -16
        this.locals.forEach((where, i) => this.begin(where, this.types[i]));
    }

    // A local's first value: 0, or what the caller left; of a struct its address.
    begin(where, type) {
        const { code } = this;
        if (where.isStruct) {
            code.one(0x8d, x.EAX, { at: where.came }); // lea
            code.store(where, x.EAX);
        } else if (where.came === undefined) {
            code.constant(where, 0);
            if (type === "i64") code.constant({ at: where.at + 4 }, 0);
        } else if (where.reg !== undefined) {
            code.load(where.reg, { at: where.came });
        }
    }

    epilogue() {
        const { code } = this;
        code.fill_holes();
        code.patch(this.frame, -this.values - SAVED + 8 * this.deepest);
        code.one(0x8d, x.ESP, { at: -SAVED }); // lea
        for (const reg of [...NEARBY].reverse()) code.pop(reg);
        code.pop(x.EBP);
        code.put(0xc3);
    }

    /** @returns {Operand} */
    slot(depth) {
        this.deepest = Math.max(this.deepest, depth + 1);
        return { at: this.values - 8 * (depth + 1) };
    }

    push(type, kind, value) { this.stack.push({ type, kind, value, depth: this.stack.length }); }
    pop() { return this.stack.pop(); }

    // So many of the topmost values, the lowest first; nothing else is in eax any longer.
    take(count) {
        const taken = this.stack.splice(this.stack.length - count);
        this.settle();
        return taken;
    }

    /** Where the lower and the upper half of a value are; undefined for a constant. @returns {Operand} */
    low(value) {
        if (value.kind === "const") return undefined;
        if (value.kind === "eax") return x.eax;
        return value.kind === "local" ? this.locals[value.value] : this.slot(value.depth);
    }

    /** @returns {Operand} */
    high(value) { return value.kind === "const" ? undefined : { at: this.low(value).at + 4 }; }
    half(value, upper) { return Number(BigInt.asIntN(32, BigInt(value.value) >> (upper ? 32n : 0n))); }

    // Into a register; one half of it.
    load(reg, value, upper = false) {
        if (value.kind === "flags") return this.code.set(value.value, reg);
        const where = upper ? this.high(value) : this.low(value);
        if (where) this.code.load(reg, where); else this.code.constant({ reg }, this.half(value, upper));
    }

    // operation(reg, value), whatever the value is.
    arithmetic(operation, reg, value, upper = false) {
        const where = upper ? this.high(value) : this.low(value);
        if (where) this.code.arithmetic(operation, reg, where);
        else this.code.immediate(operation, { reg }, this.half(value, upper));
    }

    /** Copies into memory, by way of ecx; leaves the flags alone. @param {Operand} to @param {Value} value */
    copy(to, value) {
        for (const upper of value.type === "i64" ? [false, true] : [false]) {
            /** @type {Operand} */ const target = upper ? { at: to.at + 4 } : to, from = upper ? this.high(value) : this.low(value);
            if (!from) this.code.constant(target, this.half(value, upper));
            else if (from.reg !== undefined) this.code.store(target, from.reg);
            else if (target.reg !== undefined) this.code.load(target.reg, from);
            else if (from.at !== target.at) {
                this.code.load(x.ECX, from);
                this.code.store(target, x.ECX);
            }
        }
    }

    // Nothing is in eax or the flags any longer.
    settle() {
        for (const value of this.stack) {
            if (value.kind === "flags") this.code.set(value.value, x.EAX);
            if (value.kind === "flags" || value.kind === "eax") this.keep(value, "eax");
        }
    }

    keep(value, kind = value.kind) {
        this.copy(this.slot(value.depth), { ...value, kind });
        value.kind = "slot";
    }

    // Everything is in its place in the frame: where ways part or meet.
    flush() {
        for (const value of this.stack) if (value.kind !== "slot" && value.kind !== "flags") this.keep(value);
    }

    result32() { this.push("i32", "eax"); }

    // eax and edx become a value.
    result64() {
        this.push("i64", "slot");
        const { at } = this.slot(this.stack.length - 1);
        this.code.store({ at }, x.EAX);
        this.code.store({ at: at + 4 }, x.EDX);
    }

    result(type) { if (type === "i64") this.result64(); else this.result32(); }

    setLocal(index) {
        const value = this.pop();
        for (const other of this.stack)
            if (other.kind === "local" && other.value === index) this.keep(other);
        this.copy(this.locals[index], value);
    }
}
