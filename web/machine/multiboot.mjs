// Loads a kernel as QEMU's -kernel does: an ELF file with a Multiboot header, its options, its modules.

const MAGIC = 0x2badb002, PAGE = 4096;
const INFORMATION = 0x9000; // where the Multiboot information lies
const HAS_OPTIONS = 1 << 2, HAS_MODULES = 1 << 3, HAS_MAP = 1 << 6;
const AVAILABLE = 1, RESERVED = 2, NOT_VOLATILE = 4;

// QEMU's isapc with qboot has this memory map: base, length, type.
/** @param {number} memory  bytes */
const map = (memory) => [[0, 0x9fc00, AVAILABLE], [0x9fc00, 0x400, RESERVED], [0xd0000, 0x20000, NOT_VOLATILE],
    [0xf0000, 0x10000, RESERVED], [0x100000, memory - 0x100000, AVAILABLE], [0, 0, 0]];

/**
 * What is to be loaded of an ELF file, and where it begins (a physical address). Throws Error if it is none.
 * @param {Uint8Array} elf
 */
export function read(elf) {
    const file = new DataView(elf.buffer, elf.byteOffset, elf.byteLength);
    if (elf.length < 52 || file.getUint32(0) !== 0x7f454c46 || elf[4] !== 1 || file.getUint16(18, true) !== 3)
        throw new Error("This is no kernel image: no ELF file for the i386.");
    const [headers, size, count] = [file.getUint32(28, true), file.getUint16(42, true), file.getUint16(44, true)];
    if (headers + size * count > elf.length || size < 32) throw new Error("This kernel image is cut off.");
    const parts = Array.from({ length: count }, (_, i) => {
        const [type, offset, virtual, physical, in_file, in_memory] =
            [0, 4, 8, 12, 16, 20].map((at) => file.getUint32(headers + i * size + at, true));
        return { type, virtual, physical, in_memory, bytes: elf.subarray(offset, offset + in_file), in_file };
    }).filter(({ type }) => type === 1);
    if (!parts.length || parts.some(({ bytes, in_file }) => bytes.length < in_file))
        throw new Error("This kernel image is cut off.");
    const start = file.getUint32(24, true);
    const within = parts.find(({ virtual, in_memory }) => start >= virtual && start < virtual + in_memory);
    return { parts, entry: within ? start - within.virtual + within.physical : start };
}

/**
 * Puts it all into a machine's memory, and its processor at the kernel's entry.
 * @param {import("./cpu.mjs").Cpu} cpu @param {Uint8Array} elf @param {string} options @param {Uint8Array | null} script
 */
export function load(cpu, elf, options, script) {
    const { parts, entry } = read(elf), memory = cpu.memory;
    const end = Math.max(...parts.map(({ physical, in_memory }) => physical + in_memory));
    const names = Math.ceil(end / PAGE) * PAGE, module_at = names + PAGE, size = script ? script.length : 0;
    if (module_at + size > memory.length) throw new Error("This kernel image does not fit into the machine's memory.");
    for (const { physical, bytes } of parts) memory.set(bytes, physical);
    const view = new DataView(memory.buffer, memory.byteOffset, memory.length);
    const put = (/** @type {number} */ at, /** @type {number[]} */ ...words) => words.forEach((word, i) => view.setUint32(at + 4 * i, word, true));
    const options_at = names + 16, map_at = INFORMATION + 116, entries = map(memory.length);
    entries.forEach(([base, length, type], i) => put(map_at + 24 * i, 20, base, 0, length, 0, type));
    memory.set(new TextEncoder().encode(`kernel ${options}\0`), options_at);
    put(INFORMATION, HAS_OPTIONS | HAS_MAP | (script ? HAS_MODULES : 0));
    put(INFORMATION + 16, options_at);
    put(INFORMATION + 44, 24 * entries.length, map_at);
    if (script) {
        put(INFORMATION + 20, 1, names);
        put(names, module_at, module_at + script.length, 0, 0);
        memory.set(script, module_at);
    }
    cpu.enter(entry, MAGIC, INFORMATION);
}
