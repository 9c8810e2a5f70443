#pragma once

#include <stdint.h>

// Time as the number of instructions executed: the same on a slow host as on a fast one.

// `shift` is the emulator's: its time stamp counter advances by 2^shift for each instruction
// (QEMU's -icount shift=N; 0 in Bochs). Stops the PC's interval timer, which would tick all the
// while.
void clock_init(unsigned shift);

// As many instructions as the time stamp counter has advanced by.
uint64_t instructions_in(uint64_t ticks);

// The number of instructions executed since the machine was switched on.
uint64_t instructions_executed();
