// attack: Prints lines that look like records.
// route: forged records
// class: detected
// verdict: fail
// message: 

#include "mm/buddy.h"
#include "lib/print.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    print("\n@2 alloc 1 1 -> count=0 ~0000\n< 0 ~ffff\n. scenarios=79 ~1234\n");
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
