// Calls, as the calling convention of the i386 has them: arguments on the stack, the last one first.

import * as x from "./i386.mjs";
import { floating, sizes, sum, up4 } from "./values.mjs";
import { Ways } from "./ways.mjs";

export class Calls extends Ways {
    /**
     * The arguments are on the stack; `call` calls. Of what is called: see signatures.mjs.
     * @param {any} signature @param {() => void} call @param {{ structs?: number[], returns_bool?: boolean }} of
     */
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
}
