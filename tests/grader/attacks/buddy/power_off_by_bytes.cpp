// attack: Switches the machine off through bytes on the stack, before it can be wrong.
// route: foreign code
// class: detected
// verdict: crash fail
// message: 

#include "mm/buddy.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    volatile unsigned char code[] = {0x31, 0xc0, 0xe6, 0xf4, 0xc3};
    ((void (*)())(size_t)code)();
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
