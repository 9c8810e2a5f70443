// Writes machine code for the i386 (Intel SDM vol. 2). An operand is { reg }, { at } (bytes from ebp),
// { base, offset } (memory at a register) or { absolute }.

export const EAX = 0, ECX = 1, EDX = 2, EBX = 3, ESP = 4, EBP = 5, ESI = 6, EDI = 7;
export const eax = { reg: EAX }, ecx = { reg: ECX }, edx = { reg: EDX };

// Conditions, as jcc, setcc and cmovcc have them; `cc ^ 1` is the contrary.
export const BELOW = 2, EQUAL = 4, NOT_EQUAL = 5, BELOW_OR_EQUAL = 6, ABOVE = 7, ABOVE_OR_EQUAL = 3, LESS = 12,
    GREATER_OR_EQUAL = 13, LESS_OR_EQUAL = 14, GREATER = 15;

// Operations of two operands, by their number in opcodes and in the field of 0x81.
export const ADD = 0, OR = 1, ADC = 2, SBB = 3, AND = 4, SUB = 5, XOR = 6, CMP = 7;
export const ROL = 0, ROR = 1, SHL = 4, SHR = 5, SAR = 7;

const small = (value) => value >= -128 && value <= 127;

/** @typedef {{ reg?: number, at?: number, base?: number, offset?: number, absolute?: number }} Operand */

export class Code {
    /** @type {number[]} */ bytes = [];
    /** @type {{ at: number, label: { at: number } }[]} */ holes = [];

    /** @param {number} address  where the first byte will lie */
    constructor(address) {
        this.address = address;
    }

    get here() { return this.bytes.length; }
    put(...bytes) { this.bytes.push(...bytes); }
    word(value) { this.put(value & 255, value >> 8 & 255, value >> 16 & 255, value >> 24 & 255); }

    patch(at, value) { for (let i = 0; i < 4; i++) this.bytes[at + i] = value >> 8 * i & 255; }

    // The bytes that say which operand; `field` is the other one's register, or more of the opcode.
    operand(field, where) {
        const memory = (base, offset) => {
            const short = small(offset), scaled = base === ESP ? [0x24] : [];
            this.put((short ? 0x40 : 0x80) | field << 3 | base, ...scaled);
            if (short) this.put(offset & 255); else this.word(offset);
        };
        if (where.reg !== undefined) this.put(0xc0 | field << 3 | where.reg);
        else if (where.at !== undefined) memory(EBP, where.at);
        else if (where.base !== undefined) memory(where.base, where.offset);
        else { this.put(field << 3 | 5); this.word(where.absolute); }
    }

    // An opcode of one or two bytes, with an operand.
    one(opcode, field, where) {
        if (opcode > 255) this.put(opcode >> 8);
        this.put(opcode & 255);
        this.operand(field, where);
    }

    load(reg, from) { if (from.reg !== reg) this.one(0x8b, reg, from); }
    store(to, reg) { if (to.reg !== reg) this.one(0x89, reg, to); }
    // mov leaves the flags as they are, which a shorter xor would not.
    constant(to, value) {
        if (to.reg !== undefined) this.put(0xb8 + to.reg); else this.one(0xc7, 0, to);
        this.word(value);
    }

    arithmetic(operation, reg, from) { this.one(operation << 3 | 3, reg, from); }
    immediate(operation, to, value) {
        this.one(small(value) ? 0x83 : 0x81, operation, to);
        if (small(value)) this.put(value & 255); else this.word(value);
    }

    shift(operation, to, count) {
        this.one(count === undefined ? 0xd3 : 0xc1, operation, to); // by cl
        if (count !== undefined) this.put(count & 31);
    }

    push(from) { if (from.reg !== undefined) this.put(0x50 + from.reg); else this.one(0xff, 6, from); }
    push_constant(value) { this.put(0x68); this.word(value); }
    pop(reg) { this.put(0x58 + reg); }
    set(cc, reg) { this.one(0x0f90 + cc, 0, { reg }); this.one(0x0fb6, reg, { reg }); }
    move_if(cc, reg, from) { this.one(0x0f40 + cc, reg, from); }

    call(target) { this.put(0xe8); this.to_address(target); }
    to_address(target) { this.word(target - (this.address + this.here + 4)); }

    // Jumps to labels ({ at } once they are placed), whatever the condition without `cc`.
    jump(label, cc) {
        if (cc === undefined) this.put(0xe9); else this.put(0x0f, 0x80 + cc);
        this.holes.push({ at: this.here, label });
        this.word(0);
    }

    place(label) { label.at = this.here; }
    undefined_instruction() { this.put(0x0f, 0x0b); }

    fill_holes() {
        for (const { at, label } of this.holes.splice(0)) this.patch(at, label.at - (at + 4));
    }
}
