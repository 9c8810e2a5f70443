// v86's CPU (v86.wasm) without the rest of v86's PC: registers and memory.
//
// It interprets: scenarios are too short for its compiler to pay, and in compiled code an exception that can't be
// delivered loses the address at which it began.

const TABLE_SIZE = 900; // of v86's own functions
const COMPILER_OFF = 0; // what set_jit_config calls it

// Where v86 keeps the CPU's state (its src/rust/cpu/global_pointers.rs).
const AT = {
    state: 64, state_end: 1280, registers: 64, stack_32: 808, flags: 120, instruction: 556, last_instruction: 560,
    control: 580, halted: 616, last_page: 620, counter: 664, selectors: 668, is_null: 724, limits: 736, bases: 768,
    protected: 800, code_32: 804, memory_size: 812,
};

/** @param {BufferSource} bytes */
export const compile = (bytes) => WebAssembly.compile(bytes);

/** @typedef {{ read(port: number): number, write(port: number, byte: number): void }} Ports */

export class Cpu {
    /** @type {any} */ wasm; // v86's functions
    /** @type {Uint32Array | null} */ counter_view = null;
    last_count = 0;
    memory_at = 0;

    /**
     * @param {WebAssembly.Module} module  v86.wasm, compiled
     * @param {number} memory_size  bytes
     * @param {Ports} ports
     * @param {() => number} microtick  the time stamp counter's time
     */
    constructor(module, memory_size, ports, microtick) {
        this.module = module;
        this.memory_size = memory_size;
        this.table = new WebAssembly.Table({ element: "anyfunc", initial: TABLE_SIZE });
        this.imports = { env: this.environment(ports, microtick) };
        this.begin();
    }

    /** @param {Ports} ports @param {() => number} microtick */
    environment(ports, microtick) {
        const nothing = () => {};
        return {
            __indirect_function_table: this.table, microtick,
            run_hardware_timers: () => 100, cpu_event_halt: nothing, stop_idling: nothing, get_rand_int: () => 0,
            io_port_read8: ports.read, io_port_read16: () => 0xffff, io_port_read32: () => -1,
            io_port_write8: ports.write, io_port_write16: nothing, io_port_write32: nothing,
            mmap_read8: () => 0xff, mmap_read32: () => -1, mmap_write8: nothing, mmap_write16: nothing,
            mmap_write32: nothing, mmap_write64: nothing, mmap_write128: nothing,
            codegen_finalize: nothing, jit_clear_func: nothing, console_log_from_wasm: nothing,
        };
    }

    // A processor as it is switched on, and its memory.
    begin() {
        this.wasm = new WebAssembly.Instance(this.module, this.imports).exports;
        this.counter_view = null;
        this.last_count = 0;
        this.wasm.rust_init();
        new Uint32Array(this.wasm.memory.buffer, AT.memory_size, 1)[0] = this.memory_size;
        this.memory_at = this.wasm.allocate_memory(this.memory_size);
        this.wasm.set_jit_config(COMPILER_OFF, 1);
        this.wasm.reset_cpu();
    }

    /**
     * @template Kind
     * @param {new (buffer: ArrayBuffer, at: number, length: number) => Kind} Kind
     * @param {number} at
     */
    view(Kind, at, length = 1) { return new Kind(this.wasm.memory.buffer, at, length); }
    get memory() { return this.view(Uint8Array, this.memory_at, this.memory_size); }
    get control() { return this.view(Uint32Array, AT.control, 8); }
    get halted() { return this.view(Uint8Array, AT.halted)[0] !== 0; }
    set halted(yes) { this.view(Uint8Array, AT.halted)[0] = yes ? 1 : 0; }
    get last_instruction() { return this.view(Uint32Array, AT.last_instruction)[0]; }

    // How many instructions were executed since this was asked last; v86 counts in 32 bits.
    count() {
        const view = this.counter_view?.byteLength ? this.counter_view : this.view(Uint32Array, AT.counter);
        this.counter_view = view;
        const now = view[0], more = (now - this.last_count) >>> 0;
        this.last_count = now;
        return more;
    }

    /**
     * Protected mode, no paging, segments from 0 to 4 GiB: as a Multiboot loader enters a kernel.
     * @param {number} instruction @param {number} eax @param {number} ebx
     */
    enter(instruction, eax, ebx) {
        const registers = this.view(Int32Array, AT.registers, 8);
        [registers[0], registers[3]] = [eax, ebx];
        this.view(Uint32Array, AT.control)[0] = 1;
        this.view(Int32Array, AT.flags)[0] = 2;
        for (const at of [AT.protected, AT.code_32, AT.stack_32]) this.view(Int32Array, at)[0] = 1;
        this.view(Uint16Array, AT.selectors, 6).set([16, 8, 16, 16, 16, 16]);
        this.view(Uint8Array, AT.is_null, 6).fill(0);
        this.view(Int32Array, AT.bases - 32, 6).fill(0);
        this.view(Int32Array, AT.bases, 6).fill(-1);
        this.view(Int32Array, AT.instruction)[0] = instruction | 0;
        this.wasm.update_state_flags();
    }

    // A slice. Throws what WebAssembly throws.
    run() { this.wasm.main_loop(); }

    /** Enters the handler of an interrupt or exception that comes from outside of an instruction. @param {number} vector */
    interrupt(vector) { this.wasm.instr_CD(vector); }

    /** The same state in another instance: this one's JavaScript stack was cut off in the middle. @param {bigint} ticks */
    begin_again(ticks) {
        const state = this.view(Uint8Array, AT.state, AT.state_end - AT.state).slice(), memory = this.memory;
        this.begin();
        this.memory.set(memory);
        this.view(Uint8Array, AT.state, AT.state_end - AT.state).set(state);
        this.wasm.full_clear_tlb();
        this.view(Int32Array, AT.last_page)[0] = -1;
        this.count();
        this.wasm.set_tsc(Number(ticks & 0xffffffffn) | 0, Number(ticks >> 32n) | 0);
        this.wasm.update_state_flags();
    }
}
