#pragma once

#include <stdint.h>

// Segments, tasks and interrupt gates: what the CPU must be told before it can handle an exception.

// The registers at an exception, in the order in which exception_entries.S pushes them (and, from
// eip on, the CPU itself: Intel SDM vol. 3, figure 6-4).
struct trap_frame {
    uint32_t edi, esi, ebp, pushed_esp, ebx, edx, ecx, eax;
    uint32_t vector;
    uint32_t error;
    uint32_t eip, cs, eflags;
    uint32_t user_esp, user_ss; // pushed only when the exception came out of ring 3
};

// A task state segment (Intel SDM vol. 3, figure 7-2).
struct task_state {
    uint32_t previous;
    uint32_t esp0, ss0, esp1, ss1, esp2, ss2;
    uint32_t cr3, eip, eflags;
    uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi;
    uint32_t es, cs, ss, ds, fs, gs, ldt;
    uint16_t trap, io_map;
};
static_assert(sizeof(task_state) == 104);

// Loads the kernel's own segments, the task that exceptions out of ring 3 find their stack in, the
// task that double faults run in (with a stack of its own: theirs may be the one that overflowed),
// and a gate for each of the CPU's 32 exceptions.
void descriptors_init();

// ring3.S: runs code in ring 3. ecx and eax there are `address` and `value`; returns eax at its
// `int $0x30`, or what leave_ring3, called in an exception that it caused, is given.
extern "C" uint32_t run_in_ring3(uintptr_t entry, uint32_t address, uint32_t value);
extern "C" [[noreturn]] void leave_ring3(uint32_t result);

// The state that the CPU left when it switched to the double fault's task.
const task_state &interrupted_task();
