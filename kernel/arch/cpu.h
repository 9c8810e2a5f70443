#pragma once

#include <stdint.h>

// The CPU's own registers and instructions that C++ has no words for (Intel SDM vol. 3, chapter 2).

// The time stamp counter: how much time has passed, in the CPU's own unit.
inline uint64_t read_tsc()
{
    uint32_t low, high;
    asm volatile("rdtsc" : "=a"(low), "=d"(high));
    return uint64_t{high} << 32 | low;
}

// The address whose translation caused the last page fault.
inline uintptr_t read_cr2()
{
    uintptr_t address;
    asm volatile("mov %%cr2, %0" : "=r"(address));
    return address;
}

// The physical address of the page directory in use.
inline uintptr_t read_cr3()
{
    uintptr_t directory;
    asm volatile("mov %%cr3, %0" : "=r"(directory));
    return directory;
}

// Makes another page directory the one in use; all translations are forgotten.
inline void write_cr3(uintptr_t directory)
{
    asm volatile("mov %0, %%cr3" : : "r"(directory) : "memory");
}

// Makes the CPU forget what it knows of the translation of the page at `address`.
inline void invalidate_page(uintptr_t address)
{
    asm volatile("invlpg (%0)" : : "r"(address) : "memory");
}

[[noreturn]] inline void halt_forever()
{
    for (;;)
        asm volatile("cli; hlt");
}

// Starts the kernel again as the boot loader would (start.S). What lies in section .kept stays.
extern "C" [[noreturn]] void restart_kernel();
