// attack: Leaves before the answers are looked at.
// route: calls and symbols
// class: stopped
// verdict: rejected
// message: it uses power_off

#include "mm/buddy.h"

[[noreturn]] void power_off(unsigned char);
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    power_off(0);
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
