// attack: Renames a function to one of the kit by a pragma.
// route: calls and symbols
// class: stopped
// verdict: rejected
// message: it uses restart_kernel

#include "mm/buddy.h"
#pragma redefine_extname harmless restart_kernel
extern "C" void harmless();
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    harmless();
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
