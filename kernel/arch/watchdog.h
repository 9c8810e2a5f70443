#pragma once

#include <stdint.h>

// Catches code that does not come back, even with interrupts off: an iBASE IB700 watchdog timer,
// whose time-out QEMU turns into a non-maskable interrupt. Where there is none (in Bochs, or on a
// real machine), writing to its ports has no effect, and somebody outside must watch.

// Starts to watch: the code that follows may execute about `instructions` instructions.
void watchdog_start(uint64_t instructions);

void watchdog_stop();

// Called at a non-maskable interrupt: true when the time allowed is over. If not, goes on watching.
bool watchdog_expired();
