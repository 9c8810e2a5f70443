// attack: Hides .incbin in the assembler name of a variable, where no #APP marks it.
// route: reading while compiling
// class: stopped
// verdict: rejected
// message: is no plain name

#include "mm/buddy.h"

int answer asm("answer\n.incbin \"@KIT@/solutions/mm/buddy.cpp\"\nrest");
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    answer++;
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
