// What WebAssembly's instructions are in the i386's (WebAssembly core specification, 5.4).

import * as x from "./i386.mjs";

// Condition, type; whether the two change places, where only one order is to be had of 64 bits.
export const COMPARISONS = {
    0x46: [x.EQUAL, "i32"], 0x47: [x.NOT_EQUAL, "i32"], 0x48: [x.LESS, "i32"], 0x49: [x.BELOW, "i32"],
    0x4a: [x.GREATER, "i32"], 0x4b: [x.ABOVE, "i32"], 0x4c: [x.LESS_OR_EQUAL, "i32"],
    0x4d: [x.BELOW_OR_EQUAL, "i32"], 0x4e: [x.GREATER_OR_EQUAL, "i32"], 0x4f: [x.ABOVE_OR_EQUAL, "i32"],
    0x51: [x.EQUAL, "i64"], 0x52: [x.NOT_EQUAL, "i64"], 0x53: [x.LESS, "i64"], 0x54: [x.BELOW, "i64"],
    0x55: [x.LESS, "i64", true], 0x56: [x.BELOW, "i64", true], 0x57: [x.GREATER_OR_EQUAL, "i64", true],
    0x58: [x.ABOVE_OR_EQUAL, "i64", true], 0x59: [x.GREATER_OR_EQUAL, "i64"], 0x5a: [x.ABOVE_OR_EQUAL, "i64"],
};

export const SHIFTS = { 0x74: [x.SHL], 0x75: [x.SAR], 0x76: [x.SHR], 0x77: [x.ROL], 0x78: [x.ROR] };

// Type, mov's opcode, and where the upper half comes from.
const WORD = 0x8b, BYTE = 0x0fb6, BYTE_SIGNED = 0x0fbe, HALF = 0x0fb7, HALF_SIGNED = 0x0fbf;
export const LOADS = {
    0x28: ["i32", WORD], 0x29: ["i64", WORD, "all"], 0x2c: ["i32", BYTE_SIGNED], 0x2d: ["i32", BYTE],
    0x2e: ["i32", HALF_SIGNED], 0x2f: ["i32", HALF], 0x30: ["i64", BYTE_SIGNED, "signed"], 0x31: ["i64", BYTE],
    0x32: ["i64", HALF_SIGNED, "signed"], 0x33: ["i64", HALF], 0x34: ["i64", WORD, "signed"], 0x35: ["i64", WORD],
};

// Bytes, type.
export const STORES = {
    0x36: [4, "i32"], 0x37: [8, "i64"], 0x3a: [1, "i32"], 0x3b: [2, "i32"], 0x3c: [1, "i64"], 0x3d: [2, "i64"],
    0x3e: [4, "i64"],
};

const COMMUTATIVE = [x.ADD, x.AND, x.OR, x.XOR];

const binary = (operation) => (t) => {
    let [a, b] = t.take(2);
    if (b.kind === "eax" && COMMUTATIVE.includes(operation)) [a, b] = [b, a];
    if (b.kind === "eax") {
        t.code.load(x.ECX, x.eax);
        t.load(x.EAX, a);
        t.code.arithmetic(operation, x.EAX, x.ecx);
    } else {
        t.load(x.EAX, a);
        t.arithmetic(operation, x.EAX, b);
    }
    t.result32();
};

const binary64 = (operation, upper) => (t) => {
    const [a, b] = t.take(2);
    t.load(x.EAX, a);
    t.load(x.EDX, a, true);
    t.arithmetic(operation, x.EAX, b);
    t.arithmetic(upper, x.EDX, b, true);
    t.result64();
};

function multiply(t) {
    const [a, b] = t.take(2);
    t.load(x.ECX, b);
    t.load(x.EAX, a);
    t.code.one(0x0faf, x.EAX, x.ecx);
    t.result32();
}

// `field` is that of div or idiv; the result is in eax or edx.
const divide = (field, reg) => (t) => {
    const [a, b] = t.take(2);
    t.load(x.ECX, b);
    t.load(x.EAX, a);
    if (field === 7) t.code.put(0x99); else t.code.constant(x.edx, 0); // cdq
    t.code.one(0xf7, field, x.ecx);
    t.code.load(x.EAX, { reg });
    t.result32();
};

// bsr or bsf; `none` is what it would have found in 0.
const scan = (opcode, none, turned) => (t) => {
    t.load(x.EDX, ...t.take(1));
    t.code.constant(x.ecx, none);
    t.code.one(opcode, x.EAX, x.edx);
    t.code.move_if(x.EQUAL, x.EAX, x.ecx);
    if (turned) t.code.immediate(x.XOR, x.eax, 31);
    t.result32();
};

const extend = (opcode) => (t) => {
    t.load(x.EAX, ...t.take(1));
    t.code.one(opcode, x.EAX, x.eax);
    t.result32();
};

const helped = (name, count = 2) => (t) => t.helper(`i64_${name}`, Array(count).fill("i64"), ["i64"]);

// To 64 bits: `widen` makes edx of eax.
const wide = (widen) => (t) => {
    t.load(x.EAX, ...t.take(1));
    widen(t.code);
    t.result64();
};
const withSign = (code) => code.put(0x99);
const withZero = (code) => code.constant(x.edx, 0);
const signed = (opcode) => (code) => { if (opcode) code.one(opcode, x.EAX, x.eax); withSign(code); };

function isZero(t) {
    const cc = t.condition();
    t.settle();
    t.push("i32", "flags", cc ^ 1);
}

function isZero64(t) {
    const [value] = t.take(1);
    t.load(x.EAX, value);
    t.arithmetic(x.OR, x.EAX, value, true);
    t.push("i32", "flags", x.EQUAL);
}

function wrap(t) {
    const [value] = t.take(1);
    if (value.kind === "const") return t.push("i32", "const", BigInt(t.half(value, false)));
    t.load(x.EAX, value);
    t.result32();
}

export const ARITHMETIC = {
    0x45: isZero, 0x50: isZero64,
    0x67: scan(0x0fbd, 63, true), 0x68: scan(0x0fbc, 32, false),
    0x69: (t) => t.helper("i32_popcnt", ["i32"], ["i32"]),
    0x6a: binary(x.ADD), 0x6b: binary(x.SUB), 0x6c: multiply, 0x6d: divide(7, x.EAX), 0x6e: divide(6, x.EAX),
    0x6f: divide(7, x.EDX), 0x70: divide(6, x.EDX), 0x71: binary(x.AND), 0x72: binary(x.OR), 0x73: binary(x.XOR),
    0x79: helped("clz", 1), 0x7a: helped("ctz", 1), 0x7b: helped("popcnt", 1),
    0x7c: binary64(x.ADD, x.ADC), 0x7d: binary64(x.SUB, x.SBB), 0x7e: helped("mul"),
    0x7f: helped("div_s"), 0x80: helped("div_u"), 0x81: helped("rem_s"), 0x82: helped("rem_u"),
    0x83: binary64(x.AND, x.AND), 0x84: binary64(x.OR, x.OR), 0x85: binary64(x.XOR, x.XOR),
    0x86: helped("shl"), 0x87: helped("shr_s"), 0x88: helped("shr_u"), 0x89: helped("rotl"), 0x8a: helped("rotr"),
    0xa7: wrap, 0xac: wide(withSign), 0xad: wide(withZero),
    0xc0: extend(0x0fbe), 0xc1: extend(0x0fbf),
    0xc2: wide(signed(0x0fbe)), 0xc3: wide(signed(0x0fbf)), 0xc4: wide(signed(0)),
};
