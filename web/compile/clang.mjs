// A student's file compiled: by clang as for the i386, whose types and data are the kernel's; the code of that by the
// only back end that clang has in a page, WebAssembly's. translate.mjs makes the i386's of it.

import { signatures } from "./signatures.mjs";

const SYSTEM = ["-isystem", "fixed", "-isystem", "/usr/include/c++/v1", "-isystem", "/usr/include/wasm32-wasip1"];
// As kernel/kernel.mk has them, as far as clang knows them.
const FLAGS = ["-Ikernel", "-DKERNEL_BASE=0xC0000000", "-std=c++20", "-fno-builtin", "-O2", "-g", "-Wall", "-Wextra",
    "-fno-exceptions", "-fno-rtti", "-fno-stack-protector", "-fno-threadsafe-statics", "-fno-use-cxa-atexit",
    "-freg-struct-return", "-mno-red-zone", "-fno-finite-loops", "-fno-delete-null-pointer-checks",
    "-fsanitize=return", "-fsanitize-trap=return", "-fno-vectorize", "-fno-slp-vectorize", "-fno-color-diagnostics"];
const PLAIN = ["--target=wasm32-unknown-unknown", "-mcpu=mvp", "-msign-ext", "-O2", "-g", "-fno-builtin",
    "-fno-vectorize", "-fno-slp-vectorize", "-Wno-override-module"];

export class Refused extends Error {}

const text = (file) => typeof file === "string" ? file : new TextDecoder().decode(file);

// `llvm` is the package @yowasp/clang, `files` what the compiler may include; both as `tree`s are.
export class Compiler {
    constructor(llvm, files, progress = () => {}) {
        this.llvm = llvm;
        this.files = files;
        this.options = { fetchProgress: progress };
    }

    // { said, wasm, signatures }: what the compiler said, and the linked module, or none. `room` is the lab's.
    async compile(source, room) {
        const name = `kernel/mm/${room.file}`, files = structuredClone(this.files);
        files.kernel.mm[room.file] = source;
        let said = "";
        const run = async (program, args, tree) => {
            try {
                return await this.llvm[program](args, tree, { ...this.options, stdout: null,
                    stderr: (bytes) => { said += bytes ? new TextDecoder().decode(bytes) : ""; } });
            } catch (/** @type {any} */ error) {
                if (error.code === undefined) throw error;
                throw new Refused(said.trim() || "the compiler ended without a word");
            }
        };
        try {
            const first = await run("runClang", ["clang++", "--target=i686-linux-gnu", ...SYSTEM, ...FLAGS, "-S",
                "-emit-llvm", name, "-o", "out.ll"], files);
            const code = text(first["out.ll"]);
            if (code.includes("@llvm.global_ctors")) throw new Refused(`${name}: error: a static constructor: nobody would run it`);
            const second = await run("runClang", ["clang", ...PLAIN, "-c", "plain.ll", "-o", "plain.o"],
                { "plain.ll": plain(code, room) });
            const third = await run("runLLVM", ["wasm-ld", "--no-entry", "--export-all", "--import-memory",
                "--allow-undefined", "--no-stack-first", "-z", "stack-size=65536", `--global-base=${room.data.address}`, "plain.o", "-o", "out.wasm"],
                { "plain.o": second["plain.o"] });
            return { said: said.trim(), wasm: third["out.wasm"], signatures: signatures(code) };
        } catch (error) {
            if (error instanceof Refused) return { said: error.message, wasm: null, signatures: new Map() };
            throw error;
        }
    }

    // Where in the source the places of a linked module's code came from: "FUNCTION at FILE:LINE", or "".
    async where(wasm, places) {
        let said = "";
        await this.llvm.runLLVM(["symbolizer", "--obj=out.wasm", "--output-style=JSON", "--no-inlines", ...places.map(String)],
            { "out.wasm": wasm }, { ...this.options, stdout: (bytes) => { said += bytes ? new TextDecoder().decode(bytes) : ""; } });
        return JSON.parse(said).map(({ Symbol: [found] = [] }) => {
            if (!found?.Line) return "";
            const name = found.FunctionName.replaceAll("(anonymous namespace)::", "").split("(")[0];
            return `${name} at ${found.FileName.replace(/^.*?(kernel\/)/, "$1")}:${found.Line}`;
        });
    }
}

// The intermediate code without what is the i386's alone; the kernel's variables are where they are.
function plain(code, { variables, symbols }) {
    const known = variables.reduce((all, name) => all
        .replace(new RegExp(`^@${name} = external .*$`, "m"), "")
        .replace(new RegExp(`@${name}\\b`, "g"), `inttoptr (i32 ${symbols[name]} to ptr)`), code);
    return known.replace(/^target triple = .*$/m, 'target triple = "wasm32-unknown-unknown"')
        .replace(/"(target-cpu|target-features|tune-cpu)"="[^"]*"/g, "")
        .replace(/^(@.*? = |%.* = type ).*$/gm, halved);
}

// A type or a variable whose numbers of 64 bits are two of 32: WebAssembly would have them begin at multiples of 8.
function halved(line) {
    const half = (number) => BigInt.asIntN(32, number);
    return line.replace(/\bi64 (-?\d+)/g, (_, digits) => `[2 x i32] [i32 ${half(BigInt(digits))}, i32 ${half(BigInt(digits) >> 32n)}]`)
        .replace(/\bi64\b(?!")/g, "[2 x i32]");
}
