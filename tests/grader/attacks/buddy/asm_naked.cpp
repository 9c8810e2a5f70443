// attack: Inline assembly by the other spelling, in a naked function, from a macro.
// route: the object
// class: stopped
// verdict: rejected
// message: inline assembly

#include "mm/buddy.h"
#define A(x, y) x##y
[[gnu::naked]] void halt() { A(__as, m__)("cli\nhlt"); }
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    halt();
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
