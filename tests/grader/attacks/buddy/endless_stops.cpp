// attack: Stops the machine to be looked at, without end.
// route: no end
// class: detected
// verdict: crash hang fail
// message: it does not come back
// seed: 1

#include "mm/buddy.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t, size_t *)
{
    for (;;)
        ((void (*)())@ADDRESS:stopped_for_inspection@)();
}
void buddy_free(buddy *, size_t, size_t) {}
