// attack: Writes over all of the kernel's variables.
// route: tampering
// class: detected
// verdict: crash hang fail
// message: 

#include "mm/buddy.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    for (auto *word = (volatile unsigned *)(@KERNEL_BASE@ + 0x30000); ; word++)
        *word = 0x41414141;
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
