// attack: A crash in line 2,147,483,000, by #line: its neighbours are to be quoted, all lines that did not run to be listed.
// route: forged records
// class: detected
// verdict: crash fail
// message: page fault, in buddy_alloc at
// played: starts_empty

#include "mm/buddy.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
void buddy_free(buddy *, size_t, size_t) {}
#line 2147483000
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    *start = *(volatile size_t *)0x7fff0000;
#line 1
    return max;
}
