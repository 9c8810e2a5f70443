// From a WebAssembly function to one for the i386, as its C++ calling convention has it (System V ABI, i386).
//
// Addresses need no translation: both have 32 bits, and what was compiled for the i386 has its data laid out for it.
// The stack pointer of WebAssembly is the CPU's. What a translation is made of: values.mjs, ways.mjs, calls.mjs; here are
// the instructions.

import { Reader } from "./wasm.mjs";
import * as x from "./i386.mjs";
import { ARITHMETIC, COMPARISONS, LOADS, SHIFTS, STORES } from "./opcodes.mjs";
import { Calls } from "./calls.mjs";
import { skipOperands } from "./uses.mjs";
import { Unsupported } from "./values.mjs";

// One function. `program` has the module, `address(index)` of a function (or how to leave a hole for it), `helper(name)`,
// the `table` of functions' addresses, and `places`, which is told where the code of which place in the module begins.
export class Translation extends Calls {
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
        /** @type {any[]} */ let [a, b] = this.take(2);
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
