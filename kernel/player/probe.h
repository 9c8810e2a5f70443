#pragma once

#include <stdint.h>

// Asks the CPU itself what the active page directory allows: touches an address and reports the
// page fault, if that is what comes of it.

struct probe_result {
    bool faulted;
    uint32_t error; // of the page fault (Intel SDM vol. 3, figure 4-12)
    uint32_t value; // read, if it did not fault
};

// Reads or writes the 32 bits at `address`, a multiple of 4, in ring 0 or 3. For ring 3 the player
// borrows an unused entry of the active directory's user part, and flushes nothing but that.
probe_result probe(uintptr_t address, int ring, bool write, uint32_t value);

// Called by the exception handler. Returns only if no probe is under way, or the exception is no
// page fault: otherwise that was the probe's answer.
void probe_took_fault(uint32_t vector, uint32_t error, uint32_t cs);
