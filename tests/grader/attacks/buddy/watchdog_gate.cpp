// attack: Leads the watchdog's interrupt astray, and loops.
// route: tampering
// class: detected
// verdict: crash hang fail
// message: 
// played: starts_empty exact_counts

#include "mm/buddy.h"

[[noreturn]] void spin() { for (;;) ; }

@PART:interrupt_table@

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    auto *gate = interrupt_table() + 2 * 2;
    gate[0] = 8 << 16 | ((size_t)spin & 0xffff);
    gate[1] = ((size_t)spin & 0xffff0000) | 0x8e00;
    spin();
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
