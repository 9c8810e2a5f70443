#include "arch/exceptions.h"

extern "C" char stack_bottom[], stack_top[];

const char *exception_name(uint32_t vector)
{
    static const char *const names[] = {
        "division by zero or overflow",
        "debug exception",
        "non-maskable interrupt",
        "breakpoint",
        "overflow",
        "bound range exceeded",
        "invalid instruction",
        "no FPU available",
        "double fault",
        "coprocessor overrun",
        "invalid task state",
        "segment not present",
        "stack segment fault",
        "general protection fault",
        "page fault",
        "reserved exception",
        "FPU error",
        "alignment check",
        "machine check",
        "SIMD error",
    };
    return vector < sizeof names / sizeof *names ? names[vector] : "reserved exception";
}

size_t backtrace(uintptr_t ebp, uintptr_t trace[max_trace])
{
    auto bottom = reinterpret_cast<uintptr_t>(stack_bottom);
    auto top = reinterpret_cast<uintptr_t>(stack_top);
    size_t count = 0;
    while (count < max_trace && ebp >= bottom && ebp <= top - 8 && ebp % 4 == 0) {
        auto frame = reinterpret_cast<const uintptr_t *>(ebp);
        trace[count++] = frame[1];
        if (frame[0] <= ebp) // callers lie higher on the stack
            break;
        ebp = frame[0];
    }
    return count;
}
