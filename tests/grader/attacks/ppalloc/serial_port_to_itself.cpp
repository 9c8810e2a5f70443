// attack: Has the serial port hear itself: while it is wrong, nothing of what the player writes leaves the machine.
// route: the machine's devices
// class: detected
// verdict: crash
// message: a fault that could not be told

#include "mm/allocation.h"

@PART:out@
void ppinit(std::span<const memory_region>, std::span<const physical_range>, void *) {}

size_t ppalloc(size_t, size_t max, uintptr_t *start)
{
    out(0x10, 0x3fc); // the modem's control: loopback
    *start = 0x100000;
    return max;
}

void ppfree(uintptr_t, size_t)
{
    out(0x83, 0x3fb); // the divisor's turn: bytes to send are numbers now
}
