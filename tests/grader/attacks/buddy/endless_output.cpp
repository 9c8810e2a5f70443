// attack: Prints for ever.
// route: no end
// class: detected
// verdict: crash hang fail
// message: 

#include "mm/buddy.h"
#include "lib/print.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    for (;;)
        print("and so on ");
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
