// WebAssembly's blocks, and the jumps between them: where ways part or meet, every value is in its place in the frame.

import { TYPES } from "./wasm.mjs";
import * as x from "./i386.mjs";
import { Unsupported, Values, floating } from "./values.mjs";

export class Ways extends Values {
    /** @type {import("./wasm.mjs").Reader} */ reader; // of the function's code

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
}
