// attack: Writes over the kernel's code.
// route: tampering
// class: detected
// verdict: crash fail
// message: page fault

#include "mm/buddy.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    *(volatile unsigned *)(@KERNEL_BASE@ + 0x2000) = 0x90909090;
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
