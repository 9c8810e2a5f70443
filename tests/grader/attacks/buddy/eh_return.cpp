// attack: Leaves by __builtin_eh_return to a place of its own.
// route: tampering
// class: detected
// verdict: crash fail hang build
// message: 

#include "mm/buddy.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    __builtin_eh_return(0, (void *)(@KERNEL_BASE@ + 0x3000));
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
