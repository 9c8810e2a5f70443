// attack: Says without end that the next stop will be the last one, as the kit does it.
// route: no end
// class: detected
// verdict: crash hang fail
// message: more often than the scenarios ask for | it does not come back
// seed: 1

#include "mm/buddy.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t, size_t *)
{
    for (;;)
        ((void (*)())@ADDRESS:_Z21stop_before_power_offv@)();
}
void buddy_free(buddy *, size_t, size_t) {}
