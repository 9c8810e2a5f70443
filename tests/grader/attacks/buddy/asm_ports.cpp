// attack: Writes to a port in inline assembly.
// route: the object
// class: stopped
// verdict: rejected
// message: inline assembly

#include "mm/buddy.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    asm volatile("outb %al, $0xf4");
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
