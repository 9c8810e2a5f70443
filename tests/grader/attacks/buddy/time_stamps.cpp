// attack: Reads the clock that operations are measured with.
// route: the object
// class: stopped
// verdict: rejected
// message: rdtsc

#include "mm/buddy.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    max += __builtin_ia32_rdtsc();
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
