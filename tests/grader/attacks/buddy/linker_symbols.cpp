// attack: Finds the kit by the symbols of the linker script.
// route: calls and symbols
// class: stopped
// verdict: rejected
// message: it uses labs_start

#include "mm/buddy.h"

extern char labs_start[];
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    labs_start[0]++;
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
