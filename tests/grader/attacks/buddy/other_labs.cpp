// attack: Calls another lab's functions.
// route: calls and symbols
// class: stopped
// verdict: rejected
// message: it uses kvmalloc

#include "mm/buddy.h"
#include "mm/kvmalloc.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    *start = (size_t)kvmalloc(1);
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
