// What a function's code says before it is translated: how often it uses its locals; and how long an instruction is.

import { Reader } from "./wasm.mjs";

// How often each local is used; in a loop eight times as often.
export function countUses(all, f) {
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

export function skipOperands(reader, opcode) {
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
