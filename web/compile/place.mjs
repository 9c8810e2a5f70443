// Puts what a student wrote, translated, into a kernel that has a room for it (grader/site/room.py made it).

import { Code } from "./i386.mjs";
import { Translation } from "./translate.mjs";
import { Unsupported } from "./values.mjs";
import { read } from "./wasm.mjs";

const identifier = (symbol) => {
    const [, length] = /^_ZN?K?(\d+)/.exec(symbol) ?? [];
    return length ? symbol.slice(symbol.indexOf(length) + length.length).slice(0, Number(length)) : symbol;
};

// The kernel's own name of what the compiler here calls `symbol`: the C++ libraries have names of their own for
// what stands in a signature.
export function named(symbol, names) {
    if (names.includes(symbol)) return symbol;
    const alike = names.filter((name) => identifier(name) === identifier(symbol));
    return alike.length === 1 ? alike[0] : undefined;
}

// The functions that take any number of arguments are those that take a list of them.
const LISTS = { _Z5panicPKcz: "panic_with_list", _Z5printPKcz: "_Z6vprintPKcPc",
    _Z8print_toPcjPKcz: "_Z9vprint_toPcjPKcS_" };

// { kernel, places }: the image, and for addresses of its code, ascending, where in the module each came from.
// `room` is { code, data, entries, symbols }, addresses all; `offset(address)` is where in the image it lies.
export function place(wasm, signatures, room, image) {
    const module = read(wasm), code = new Code(room.code.address), starts = [], places = [], calls = [];
    const end = Math.max(room.data.address, ...module.data.map(({ at, bytes }) => at + bytes.length));
    const table = { address: (end + 3 & ~3) >>> 0, length: module.table.length };
    tell(module, signatures);
    const address = (name) => {
        const symbol = LISTS[name] ?? named(name, Object.keys(room.symbols));
        if (!symbol) throw new Unsupported(`it uses ${name}, which is neither defined here nor among what this lab may call`);
        return room.symbols[symbol];
    };
    const callFunction = (into, index) => {
        const f = module.functions[index];
        if (f.imported) return into.call(address(f.name));
        into.put(0xe8);
        calls.push({ at: into.here, index });
        into.word(0);
    };
    const program = { module, table, places, callFunction, helper: address };
    module.functions.forEach((f, index) => {
        if (f.imported) return;
        starts[index] = code.address + code.here;
        new Translation(f, program, code).run();
    });
    for (const { at, index } of calls) code.patch(at, starts[index] - (code.address + at + 4));
    const kernel = image.slice(), view = new DataView(kernel.buffer);
    write(kernel, room.code, code.address, Uint8Array.from(code.bytes), "code");
    for (const { at, bytes } of module.data) write(kernel, room.data, at, bytes, "data");
    const entries = Uint32Array.from(module.table, (index) => index === undefined ? 0 : starts[index] ?? address(module.functions[index].name));
    write(kernel, room.data, table.address, new Uint8Array(entries.buffer), "data");
    for (const [symbol, at] of Object.entries(room.entries)) {
        const written = named(symbol, [...module.exported.keys()]);
        if (!written) throw new Unsupported(`not defined: ${symbol}`);
        const jump = fileOffset(room.code, at);
        view.setUint8(jump, 0xe9);
        view.setInt32(jump + 1, starts[module.exported.get(written)] - (at + 5), true);
    }
    return { kernel, places };
}

// Of the functions that C++ knows by name, what its calling convention has beside WebAssembly's.
function tell({ functions, exported, table }, signatures) {
    for (const [name, index] of exported) functions[index].name = name;
    for (const f of functions) {
        const known = signatures.get(f.name);
        if (known?.structs.some(Boolean)) f.structs = known.structs;
        f.returns_bool = f.imported && known?.returns_bool;
    }
    if (table.some((index) => functions[index].structs))
        throw new Unsupported("a pointer to a function that takes a struct by value: that is not for this page");
}

const fileOffset = (part, address) => part.offset + address - part.address;

function write(kernel, part, at, bytes, what) {
    if (at + bytes.length > part.address + part.size)
        throw new Unsupported(`its ${what} does not fit into the kernel of this page (${part.size >> 10} KiB)`);
    kernel.set(bytes, fileOffset(part, at));
}
