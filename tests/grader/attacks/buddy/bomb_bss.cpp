// attack: Variables that leave no room for the kernel.
// route: compile bombs
// class: stopped
// verdict: build
// message: larger than 1 MiB

#include "mm/buddy.h"

char wide[16 << 20];
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    wide[max] = 1;
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
