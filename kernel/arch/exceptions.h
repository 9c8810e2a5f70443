#pragma once

#include "arch/descriptors.h"

#include <stddef.h>

// What exception_entries.S calls; the player (player/stop.cpp) has both.
extern "C" {
// An exception, on the stack of the code that caused it (or, out of ring 3, on the kernel's).
// Returning from it goes on with that code.
void exception(trap_frame *frame);

// A double fault, in a task of its own: interrupted_task() says where it came from.
[[noreturn]] void double_fault();

// Calls body(argument). True when it returned; false when it was left by recover(). May be nested.
bool call_recoverable(void (*body)(void *), void *argument);

// Goes back to the innermost call_recoverable under way, which then returns false.
[[noreturn]] void recover();

// Not null while a call_recoverable is under way.
extern void *recovery_stack;
}

enum exception_vector : uint32_t {
    divide_error = 0,
    non_maskable_interrupt = 2,
    page_fault = 14,
};

// "page fault" and so on (Intel SDM vol. 3, table 6-1).
const char *exception_name(uint32_t vector);

constexpr size_t max_trace = 16;

// The return addresses on the stack, innermost first, found through the chain of saved ebp that
// every function of this kernel keeps. Writes at most `max_trace` of them; returns how many.
// Reads nothing outside the kernel's stack.
size_t backtrace(uintptr_t ebp, uintptr_t trace[max_trace]);
