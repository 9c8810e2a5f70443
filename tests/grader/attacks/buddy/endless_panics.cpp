// attack: Panics within panics.
// route: no end
// class: detected
// verdict: crash fail
// message: a panic where there is no reason for one

#include "mm/buddy.h"
#include "lib/panic.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    panic("%s", (const char *)@KERNEL_BASE@ + 0xff0);
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
