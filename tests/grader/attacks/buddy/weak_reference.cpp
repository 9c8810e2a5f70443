// attack: Refers to the serial port by a weak reference.
// route: calls and symbols
// class: stopped
// verdict: rejected
// message: it uses serial_write

#include "mm/buddy.h"

static void mine(const char *) __attribute__((weakref("_Z12serial_writePKc")));
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    if (mine) mine("@1 init 16 -> ok ~0000\n");
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
