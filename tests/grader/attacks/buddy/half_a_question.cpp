// attack: Calls the dealer by half a question, so that each later one is taken for the other half.
// route: the machine's devices
// class: detected
// verdict: fail crash
// message: 
// played: starts_empty

#include "mm/buddy.h"

@PART:out@
size_t buddy_state_size(size_t units)
{
    out(0, 0x5e4);
    return units;
}
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t, size_t *) { return 0; }
void buddy_free(buddy *, size_t, size_t) {}
