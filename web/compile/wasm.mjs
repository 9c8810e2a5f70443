// Reads a WebAssembly module, as far as a linker of LLVM's writes one: no more than translate.mjs needs.

const MAGIC = 0x6d736100;
export const TYPES = { 0x7f: "i32", 0x7e: "i64", 0x7d: "f32", 0x7c: "f64" };

export class Reader {
    constructor(bytes, at = 0, end = bytes.length) {
        this.bytes = bytes;
        this.at = at;
        this.end = end;
        this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }

    get done() { return this.at >= this.end; }
    byte() { return this.bytes[this.at++]; }

    unsigned() {
        let value = 0, scale = 1, byte;
        do {
            byte = this.byte();
            value += (byte & 0x7f) * scale;
            scale *= 128;
        } while (byte & 0x80);
        return value;
    }

    // Of so many bits, as a BigInt.
    signed(bits) {
        let value = 0n, shift = 0n, byte;
        do {
            byte = this.byte();
            value |= BigInt(byte & 0x7f) << shift;
            shift += 7n;
        } while (byte & 0x80);
        return BigInt.asIntN(bits, byte & 0x40 ? value | -1n << shift : value);
    }

    name() {
        const length = this.unsigned(), begin = this.at;
        this.at += length;
        return new TextDecoder().decode(this.bytes.subarray(begin, this.at));
    }

    list(read) { return Array.from({ length: this.unsigned() }, () => read(this)); }
}

const typeList = (reader) => reader.list(() => TYPES[reader.byte()]);

const IMPORTS = [
    (reader) => reader.unsigned(),
    (reader) => { reader.byte(); limits(reader); },
    (reader) => limits(reader),
    (reader) => { reader.byte(); reader.byte(); },
];

function limits(reader) {
    const flags = reader.byte();
    reader.unsigned();
    if (flags & 1) reader.unsigned();
}

// A constant's expression: of what a linker has done with, there is nothing else.
function constant(reader) {
    reader.byte();
    const value = Number(reader.signed(32));
    reader.byte();
    return value;
}

const SECTIONS = {
    1: (reader, module) => { module.types = reader.list(() => {
        reader.byte();
        return { parameters: typeList(reader), results: typeList(reader) };
    }); },
    2: (reader, module) => reader.list(() => {
        const [, name, kind] = [reader.name(), reader.name(), reader.byte()], type = IMPORTS[kind](reader);
        if (kind === 0) module.functions.push({ name, type, imported: true });
    }),
    3: (reader, module) => reader.list(() => module.functions.push({ type: reader.unsigned() })),
    7: (reader, module) => reader.list(() => {
        const [name, kind, index] = [reader.name(), reader.byte(), reader.unsigned()];
        if (kind === 0) module.exported.set(name, index);
    }),
    9: (reader, module) => reader.list(() => {
        reader.unsigned();
        const first = constant(reader);
        reader.list(() => reader.unsigned()).forEach((index, i) => { module.table[first + i] = index; });
    }),
    10: (reader, module) => {
        module.code_at = reader.at;
        const own = module.functions.filter(({ imported }) => !imported);
        for (let i = 0, count = reader.unsigned(); i < count; i++) {
            const size = reader.unsigned(), end = reader.at + size;
            const locals = reader.list(() => ({ count: reader.unsigned(), type: TYPES[reader.byte()] }))
                .flatMap(({ count: many, type }) => Array(many).fill(type));
            Object.assign(own[i], { locals, begin: reader.at, end });
            reader.at = end;
        }
    },
    11: (reader, module) => reader.list(() => {
        if (reader.unsigned()) throw new Error("data without an address");
        const at = constant(reader) >>> 0, size = reader.unsigned();
        module.data.push({ at, bytes: reader.bytes.subarray(reader.at, reader.at + size) });
        reader.at += size;
    }),
};

// { types, functions, exported, table, data, code_at, bytes }: functions have a `type`; those of its own `locals` and
// where their code stands, [begin, end).
export function read(bytes) {
    const reader = new Reader(bytes);
    const module = { bytes, types: [], functions: [], exported: new Map(), table: [], data: [], code_at: 0 };
    if (reader.view.getUint32(0, true) !== MAGIC) throw new Error("no WebAssembly");
    reader.at = 8;
    while (!reader.done) {
        const kind = reader.byte(), size = reader.unsigned(), end = reader.at + size;
        SECTIONS[kind]?.(new Reader(bytes, reader.at, end), module);
        reader.at = end;
    }
    for (const f of module.functions) f.signature = module.types[f.type];
    return module;
}
