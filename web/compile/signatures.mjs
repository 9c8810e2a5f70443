// What WebAssembly's signatures no longer say of functions, out of LLVM's intermediate code: which of them return a
// bool, of which only a byte counts, and which arguments are structs, passed as bytes and not by their address.

const SIZES = { ptr: 4, i1: 1, i8: 1, i16: 2, i32: 4, i64: 8, float: 4, double: 8 };
const MOST_ALIGNED = 4; // on the i386

// For each function's name: { returns_bool, structs: [size in bytes, or 0, of each parameter] }.
export function signatures(code) {
    const types = new Map([...code.matchAll(/^(%(?:"[^"]*"|[\w.:]+)) = type (.*)$/gm)].map(([, name, is]) => [name, is]));
    const found = new Map();
    for (const [, before, name, rest] of code.matchAll(/^(?:define|declare) (.*?)@"?([\w.$]+)"?\((.*)$/gm)) {
        const structs = parts(enclosed(`(${rest}`)).map((text) => {
            const at = text.indexOf("byval(");
            return at < 0 ? 0 : measure(enclosed(text.slice(at + 5)), types).size;
        });
        found.set(name, { returns_bool: / i1 $/.test(before), structs });
    }
    return found;
}

// What stands within the bracket that a text begins with.
function enclosed(text) {
    let depth = 0, quoted = false;
    for (let i = 0; i < text.length; i++) {
        if (text[i] === '"') quoted = !quoted;
        else if (!quoted && "([{<".includes(text[i])) depth++;
        else if (!quoted && ")]}>".includes(text[i]) && --depth === 0) return text.slice(1, i);
    }
    return text.slice(1);
}

// A list's parts: commas within brackets and quotes divide nothing.
function parts(text) {
    const found = [];
    let depth = 0, quoted = false, begin = 0;
    for (let i = 0; i < text.length; i++) {
        if (text[i] === '"') quoted = !quoted;
        else if (!quoted && "([{<".includes(text[i])) depth++;
        else if (!quoted && ")]}>".includes(text[i])) depth--;
        else if (!quoted && depth === 0 && text[i] === ",") {
            found.push(text.slice(begin, i).trim());
            begin = i + 1;
        }
    }
    const last = text.slice(begin).trim();
    return last ? [...found, last] : found;
}

const up = (at, alignment) => Math.ceil(at / alignment) * alignment;

function measure(type, types) {
    if (SIZES[type]) return { size: SIZES[type], alignment: Math.min(MOST_ALIGNED, SIZES[type]) };
    if (types.has(type)) return measure(types.get(type), types);
    const [, count, each] = /^\[(\d+) x (.*)\]$/.exec(type) ?? [];
    if (count) {
        const { size, alignment } = measure(each, types);
        return { size: size * Number(count), alignment };
    }
    const packed = type.startsWith("<{"), fields = parts(enclosed(packed ? type.slice(1) : type)).map((field) => measure(field, types));
    const alignment = packed ? 1 : Math.max(1, ...fields.map((field) => field.alignment));
    return { size: up(fields.reduce((at, field) => up(at, packed ? 1 : field.alignment) + field.size, 0), alignment), alignment };
}
