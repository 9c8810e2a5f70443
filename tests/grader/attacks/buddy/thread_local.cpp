// attack: Thread-local storage, through a segment register.
// route: the object
// class: stopped
// verdict: rejected
// message: a thread_local variable

#include "mm/buddy.h"

thread_local size_t mine = 3;
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    mine += max;
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
