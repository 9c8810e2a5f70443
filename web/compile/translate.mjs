// From a WebAssembly function to one for the i386, as its C++ calling convention has it (System V ABI, i386).
//
// Addresses need no translation: both have 32 bits, and what was compiled for the i386 has its data laid out for it.
// The stack pointer of WebAssembly is the CPU's. Values on WebAssembly's stack have a place in the frame each; a
// constant, a local, and what was computed last (in eax, or in the flags) come there only when they have to.

import { Reader, TYPES } from "./wasm.mjs";
import * as x from "./i386.mjs";
import { ARITHMETIC, COMPARISONS, LOADS, SHIFTS, STORES } from "./opcodes.mjs";

const NEARBY = [x.EBX, x.ESI, x.EDI]; // registers for locals; calls leave them as they are
const SAVED = 4 * NEARBY.length;

export class Unsupported extends Error {}

const floating = (type) => {
    if (type !== "i32" && type !== "i64") throw new Unsupported("it computes with floating-point numbers: a kernel has none");
};
const size = (type) => type === "i64" ? 8 : 4;

// How many bytes of the stack each argument takes: a struct's all of them, if the function is one of C++'s.
const sizes = ({ parameters }, structs = []) => parameters.map((type, i) => structs[i] ? up4(structs[i]) : size(type));
const up4 = (bytes) => bytes + 3 & ~3;
const sum = (numbers) => numbers.reduce((all, number) => all + number, 0);

// One function. `program` has the module, `address(index)` of a function (or how to leave a hole for it), `helper(name)`,
// the `table` of functions' addresses, and `places`, which is told where the code of which place in the module begins.
export class Translation {
    constructor(f, program, code) {
        Object.assign(this, { f, program, code, stack: [], labels: [], dead: 0 });
        this.types = [...f.signature.parameters, ...f.locals];
        this.types.forEach(floating);
        this.layOut();
    }

    run() {
        this.prologue();
        const reader = this.reader = new Reader(this.program.module.bytes, this.f.begin, this.f.end);
        this.enter("block", this.f.signature.results);
        while (!reader.done) {
            this.program.places.push([this.code.address + this.code.here, reader.at - this.program.module.code_at]);
            this.step(reader.byte());
        }
        this.epilogue();
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

    // --- Values ---------------------------------------------------------------------------------

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

    // Where the lower and the upper half of a value are; undefined for a constant.
    low(value) {
        if (value.kind === "const") return undefined;
        if (value.kind === "eax") return x.eax;
        return value.kind === "local" ? this.locals[value.value] : this.slot(value.depth);
    }

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

    // Copies into memory, by way of ecx; leaves the flags alone.
    copy(to, value) {
        for (const upper of value.type === "i64" ? [false, true] : [false]) {
            const target = upper ? { at: to.at + 4 } : to, from = upper ? this.high(value) : this.low(value);
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

    // --- Ways -----------------------------------------------------------------------------------

    enter(kind, results, type) {
        results.forEach(floating);
        this.labels.push({ kind, results, type, height: this.stack.length, end: {}, otherwise: {},
            start: { at: this.code.here } });
    }

    blockType() {
        const { reader } = this, type = TYPES[reader.bytes[reader.at]];
        if (type || reader.bytes[reader.at] === 0x40) return reader.at++, type ? [type] : [];
        throw new Unsupported("a block with several results");
    }

    // A condition's flags: those of the comparison right before, or of a value that is 0 or not.
    condition() {
        const value = this.pop();
        if (value.kind === "flags") return value.value;
        if (value.kind === "const") this.settle();
        if (value.kind === "const" || value.kind === "eax") {
            this.load(x.EAX, value);
            this.code.one(0x85, x.EAX, x.eax); // test
        } else {
            this.code.immediate(x.CMP, this.low(value), 0);
        }
        return x.NOT_EQUAL;
    }

    // Takes the label's result with it.
    branch(depth, cc) {
        const label = this.labels.at(-1 - depth), target = label.kind === "loop" ? label.start : label.end;
        const value = label.kind !== "loop" && label.results.length ? this.stack.at(-1) : null;
        if (!value || value.depth === label.height) return this.code.jump(target, cc);
        const past = {};
        if (cc !== undefined) this.code.jump(past, cc ^ 1);
        this.copy(this.slot(label.height), value);
        this.code.jump(target);
        if (cc !== undefined) this.code.place(past);
    }

    // What comes after is never reached.
    nevermore() { this.dead = 1; }

    end() {
        const label = this.labels.at(-1);
        if (!this.dead) {
            this.settle();
            this.flush();
        }
        this.labels.pop();
        if (label.kind === "if") this.code.place(label.otherwise);
        this.code.place(label.end);
        this.after(label);
        if (!this.labels.length && label.results.length) this.leave(label.results[0]);
    }

    after(label) {
        this.stack.length = label.height;
        for (const type of label.results) this.push(type, "slot");
        this.dead = 0;
    }

    leave(type) {
        const value = this.stack.at(-1);
        this.load(x.EAX, value);
        if (type === "i64") this.load(x.EDX, value, true);
    }

    otherwise() {
        const label = this.labels.at(-1);
        if (!this.dead) {
            this.settle();
            this.flush();
            this.code.jump(label.end);
        }
        this.code.place(label.otherwise);
        label.kind = "else";
        this.stack.length = label.height;
        this.dead = 0;
    }

    // --- Instructions ---------------------------------------------------------------------------

    step(opcode) {
        if (this.dead) return this.skip(opcode);
        // These take a comparison's flags as they are.
        if (![0x04, 0x0d, 0x1b, 0x45].includes(opcode) && this.stack.at(-1)?.kind === "flags") this.settle();
        if (ARITHMETIC[opcode]) return ARITHMETIC[opcode](this);
        if (COMPARISONS[opcode]) return this.compare(...COMPARISONS[opcode]);
        if (SHIFTS[opcode]) return this.shift(...SHIFTS[opcode]);
        if (LOADS[opcode]) return this.fetch(...LOADS[opcode]);
        if (STORES[opcode]) return this.keepIn(...STORES[opcode]);
        if (CONTROL[opcode]) return CONTROL[opcode](this, this.reader);
        throw new Unsupported(`an instruction that is not known here (0x${opcode.toString(16)}): floating-point numbers?`);
    }

    // In code that is never reached only blocks are followed.
    skip(opcode) {
        if (opcode === 0x0b && this.dead === 1) return this.end();
        if (opcode === 0x05 && this.dead === 1) return this.otherwise();
        if (opcode === 0x0b) this.dead--;
        if ([2, 3, 4].includes(opcode)) this.dead++;
        skipOperands(this.reader, opcode);
    }

    compare(cc, type, turned = false) {
        let [a, b] = this.take(2);
        if (type === "i64") return this.compare64(cc, ...(turned ? [b, a] : [a, b]));
        if (b.kind === "eax") { this.code.load(x.ECX, x.eax); b = { reg: x.ECX }; }
        const left = this.low(a);
        if (b.reg !== undefined) {
            this.load(x.EAX, a);
            this.code.arithmetic(x.CMP, x.EAX, b);
        } else if (left?.reg !== undefined || (left && b.kind === "const")) {
            if (b.kind === "const") this.code.immediate(x.CMP, left, this.half(b, false));
            else this.code.arithmetic(x.CMP, left.reg, this.low(b));
        } else {
            this.load(x.EAX, a);
            this.arithmetic(x.CMP, x.EAX, b);
        }
        this.push("i32", "flags", cc);
    }

    compare64(cc, a, b) {
        this.load(x.EAX, a);
        if (cc === x.EQUAL || cc === x.NOT_EQUAL) {
            this.load(x.EDX, a, true);
            this.arithmetic(x.XOR, x.EAX, b);
            this.arithmetic(x.XOR, x.EDX, b, true);
            this.code.arithmetic(x.OR, x.EAX, x.edx);
        } else {
            this.arithmetic(x.CMP, x.EAX, b);
            this.load(x.EAX, a, true);
            this.arithmetic(x.SBB, x.EAX, b, true);
        }
        this.push("i32", "flags", cc);
    }

    shift(operation) {
        const [value, count] = this.take(2);
        if (count.kind === "const") {
            this.load(x.EAX, value);
            this.code.shift(operation, x.eax, this.half(count, false));
        } else {
            this.load(x.ECX, count);
            this.load(x.EAX, value);
            this.code.shift(operation, x.eax);
        }
        this.result32();
    }

    // Where something lies in memory whose address is a value: in ecx, if it is nowhere else.
    memory(address) {
        this.reader.unsigned();
        const offset = this.reader.unsigned() | 0;
        if (address.kind === "const") return { absolute: this.half(address, false) + offset | 0 };
        const where = this.low(address);
        if (where.reg !== undefined && where.reg !== x.EAX) return { base: where.reg, offset };
        this.load(x.ECX, address);
        return { base: x.ECX, offset };
    }

    fetch(type, opcode, extension) {
        const [address] = this.take(1);
        const from = this.memory(address);
        this.code.one(opcode, x.EAX, from);
        if (type === "i32") return this.result32();
        if (extension === "all") this.code.load(x.EDX, beyond(from));
        else if (extension === "signed") this.code.put(0x99); // cdq
        else this.code.constant(x.edx, 0);
        this.result64();
    }

    keepIn(width, type) {
        const [address, value] = this.take(2);
        const to = this.memory(address);
        this.load(x.EAX, value);
        if (width === 2) this.code.put(0x66);
        this.code.one(width === 1 ? 0x88 : 0x89, x.EAX, to);
        if (type !== "i64" || width !== 8) return;
        this.load(x.EAX, value, true);
        this.code.one(0x89, x.EAX, beyond(to));
    }

    // --- Calls ----------------------------------------------------------------------------------

    // The arguments are on the stack; `call` calls. `structs`, `returns_bool`: see signatures.mjs.
    called(signature, call, { structs, returns_bool } = {}) {
        this.settle();
        const { parameters, results } = signature;
        const values = this.stack.splice(this.stack.length - parameters.length);
        for (let i = values.length - 1; i >= 0; i--) this.pushArgument(values[i], structs?.[i]);
        call();
        if (values.length) this.code.one(0x81, x.ADD, { reg: x.ESP }), this.code.word(sum(sizes(signature, structs)));
        if (returns_bool) this.code.one(0x0fb6, x.EAX, x.eax);
        if (results.length) this.result(results[0]);
    }

    pushArgument(value, struct) {
        if (struct) {
            this.load(x.EAX, value);
            for (let at = up4(struct) - 4; at >= 0; at -= 4) this.code.push({ base: x.EAX, offset: at });
        } else {
            if (value.type === "i64") this.pushHalf(value, true);
            this.pushHalf(value, false);
        }
    }

    pushHalf(value, upper) {
        const where = upper ? this.high(value) : this.low(value);
        if (where) this.code.push(where); else this.code.push_constant(this.half(value, upper));
    }

    callFunction(index) {
        const target = this.program.module.functions[index];
        [...target.signature.parameters, ...target.signature.results].forEach(floating);
        this.called(target.signature, () => this.program.callFunction(this.code, index), target);
    }

    helper(name, parameters, results) {
        this.called({ parameters, results }, () => this.code.call(this.program.helper(name)));
    }

    callThroughTable(type) {
        this.settle();
        const which = this.pop();
        this.called(this.program.module.types[type], () => {
            const { address, length } = this.program.table, past = {};
            this.load(x.EAX, which);
            this.code.immediate(x.CMP, x.eax, length);
            this.code.jump(past, x.BELOW);
            this.code.undefined_instruction();
            this.code.place(past);
            this.code.put(0xff, 0x14, 0x85); // call [address + 4 * eax]
            this.code.word(address);
        });
    }

    // --- Locals ---------------------------------------------------------------------------------

    setLocal(index) {
        const value = this.pop();
        for (const other of this.stack)
            if (other.kind === "local" && other.value === index) this.keep(other);
        this.copy(this.locals[index], value);
    }
}

const beyond = (where) => where.absolute !== undefined ? { absolute: where.absolute + 4 | 0 }
    : { base: where.base, offset: where.offset + 4 | 0 };

const CONTROL = {
    0x00: (t) => { t.code.undefined_instruction(); t.nevermore(); },
    0x01: () => {},
    0x02: (t) => { t.settle(); t.flush(); t.enter("block", t.blockType()); },
    0x03: (t) => { t.settle(); t.flush(); t.enter("loop", t.blockType()); },
    0x04: (t) => {
        const cc = t.condition();
        t.flush();
        t.enter("if", t.blockType());
        t.code.jump(t.labels.at(-1).otherwise, cc ^ 1);
    },
    0x05: (t) => t.otherwise(),
    0x0b: (t) => t.end(),
    0x0c: (t, reader) => { t.settle(); t.flush(); t.branch(reader.unsigned()); t.nevermore(); },
    0x0d: (t, reader) => { const cc = t.condition(); t.flush(); t.branch(reader.unsigned(), cc); },
    0x0e: (t, reader) => {
        t.settle();
        t.flush();
        t.load(x.EAX, t.pop());
        const targets = reader.list(() => reader.unsigned());
        targets.forEach((depth, i) => {
            t.code.immediate(x.CMP, x.eax, i);
            t.branch(depth, x.EQUAL);
        });
        t.branch(reader.unsigned());
        t.nevermore();
    },
    0x0f: (t) => { t.settle(); t.flush(); t.branch(t.labels.length - 1); t.nevermore(); },
    0x10: (t, reader) => t.callFunction(reader.unsigned()),
    0x11: (t, reader) => {
        const type = reader.unsigned();
        reader.unsigned();
        t.callThroughTable(type);
    },
    0x1a: (t) => t.pop(),
    0x1b: (t) => select(t),
    0x20: (t, reader) => { const index = reader.unsigned(); t.push(t.types[index], "local", index); },
    0x21: (t, reader) => t.setLocal(reader.unsigned()),
    0x22: (t, reader) => {
        const index = reader.unsigned();
        t.setLocal(index);
        t.push(t.types[index], "local", index);
    },
    0x23: (t, reader) => { // the stack pointer: there is no other global
        reader.unsigned();
        t.settle();
        t.code.load(x.EAX, { reg: x.ESP });
        t.result32();
    },
    0x24: (t, reader) => {
        reader.unsigned();
        t.load(x.EAX, ...t.take(1));
        t.code.store({ reg: x.ESP }, x.EAX);
    },
    0x41: (t, reader) => t.push("i32", "const", reader.signed(32)),
    0x42: (t, reader) => t.push("i64", "const", reader.signed(64)),
};

// The flags are asked before anything changes them: what is chosen between is no longer in eax then.
function select(t) {
    if (t.stack.at(-1).kind !== "flags") {
        t.settle();
    }
    const cc = t.condition() ^ 1, [b, a] = [t.pop(), t.pop()];
    const choose = (reg, upper) => {
        t.load(reg, a, upper);
        const other = upper ? t.high(b) : t.low(b);
        if (!other) t.code.constant(x.ecx, t.half(b, upper));
        t.code.move_if(cc, reg, other ?? x.ecx);
    };
    choose(x.EAX, false);
    if (a.type === "i64") choose(x.EDX, true);
    t.result(a.type);
}

// How often each local is used; in a loop eight times as often.
function countUses(all, f) {
    const reader = new Reader(all, f.begin, f.end), used = [], loops = [];
    while (!reader.done) {
        const opcode = reader.byte(), at = reader.at;
        if (opcode >= 0x20 && opcode <= 0x22) {
            const index = reader.unsigned();
            used[index] = (used[index] ?? 0) + 8 ** Math.min(4, loops.filter(Boolean).length);
            reader.at = at;
        }
        if (opcode >= 2 && opcode <= 4) loops.push(opcode === 3);
        if (opcode === 0x0b) loops.pop();
        skipOperands(reader, opcode);
    }
    return used;
}

function skipOperands(reader, opcode) {
    if (opcode >= 0x02 && opcode <= 0x04) {
        if (reader.bytes[reader.at] >= 0x40) reader.at++; else reader.signed(33);
    } else if (opcode === 0x0e) {
        reader.list(() => reader.unsigned());
        reader.unsigned();
    } else if ((opcode >= 0x28 && opcode <= 0x3e) || opcode === 0x11) {
        reader.unsigned();
        reader.unsigned();
    } else if ([0x0c, 0x0d, 0x10, 0x3f, 0x40].includes(opcode) || (opcode >= 0x20 && opcode <= 0x24)) {
        reader.unsigned();
    } else if (opcode === 0x41 || opcode === 0x42) {
        reader.signed(64);
    } else if (opcode === 0x43) {
        reader.at += 4;
    } else if (opcode === 0x44) {
        reader.at += 8;
    }
}
