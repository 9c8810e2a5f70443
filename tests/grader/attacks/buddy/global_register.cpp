// attack: Takes the stack away by a register variable.
// route: tampering
// class: detected
// verdict: crash hang fail
// message: 

#include "mm/buddy.h"

register size_t pointer asm("esp");
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    pointer = 0x90000;
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
