// attack: Switches interrupts off by writing the flags.
// route: the object
// class: stopped
// verdict: rejected
// message: popf

#include "mm/buddy.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    __builtin_ia32_writeeflags_u32(2);
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
