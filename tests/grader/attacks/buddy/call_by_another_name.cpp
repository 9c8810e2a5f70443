// attack: Calls the watchdog off by an assembler name.
// route: calls and symbols
// class: stopped
// verdict: rejected
// message: it uses watchdog_stop

#include "mm/buddy.h"

void harmless() asm("_Z13watchdog_stopv");
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    harmless();
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
