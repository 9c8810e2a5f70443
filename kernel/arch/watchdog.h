#pragma once

#include <stdint.h>

#include <string_view>

// Catches code that does not come back, even with interrupts off, by a non-maskable interrupt.
// Where there is no such timer, starting it has no effect, and somebody outside must watch.

// Chooses the timer; called before any other of these. `name` is what the boot loader's option
// `watchdog` says: `clock` is a PC's clock behind an I/O APIC, which Bochs has; anything else an
// iBASE IB700 watchdog timer, which QEMU has.
void watchdog_init(std::string_view name);

// Starts to watch: the code that follows may execute about `instructions` instructions.
void watchdog_start(uint64_t instructions);

void watchdog_stop();

// Called at a non-maskable interrupt: true when the time allowed is over. If not, goes on watching.
bool watchdog_expired();
