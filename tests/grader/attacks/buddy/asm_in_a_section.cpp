// attack: Hides port output in the name of a section.
// route: the object
// class: stopped
// verdict: rejected
// message: is no plain name

#include "mm/buddy.h"

[[gnu::section(".text\n\toutb %al, $0xf4\n\t.section .data")]] int port = 4;
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    port = 3;
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
