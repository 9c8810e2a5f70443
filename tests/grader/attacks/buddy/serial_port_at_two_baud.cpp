// attack: Slows the serial port down as far as it goes: a log that takes for ever.
// route: the machine's devices
// class: detected
// verdict: fail hang crash
// message: 

#include "mm/buddy.h"

@PART:out@
size_t buddy_state_size(size_t) { return 64; }
void buddy_init(buddy *b, size_t units, void *state) { b->units = units, b->state = state; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    out(0x83, 0x3fb); // the divisor's turn
    out(0xff, 0x3f8);
    out(0xff, 0x3f9);
    out(0x03, 0x3fb);
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
