// attack: Calls itself until the stack is full.
// route: no end
// class: detected
// verdict: crash fail
// message: stack overflow

#include "mm/buddy.h"

[[gnu::noinline]] size_t deeper(size_t n) { volatile char room[64]; room[n % 64] = 1; return deeper(n + 1) + room[n % 3]; }
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    max += deeper(max);
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
