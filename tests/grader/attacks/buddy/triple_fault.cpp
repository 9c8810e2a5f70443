// attack: Has the CPU reset itself.
// route: no end
// class: detected
// verdict: crash fail
// message: triple fault

#include "mm/buddy.h"

@PART:interrupt_table@

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    auto *table = interrupt_table();
    for (int i = 0; i < 64; i++)
        table[i] = 0;
    *(volatile int *)0xe0000000 = 1;
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
