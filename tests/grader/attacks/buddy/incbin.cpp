// attack: Takes in a file by .incbin, in inline assembly.
// route: reading while compiling
// class: stopped
// verdict: rejected
// message: inline assembly

#include "mm/buddy.h"

asm(".data\nanswer: .incbin \"@KIT@/solutions/mm/buddy.cpp\"\n.text");
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { return *start = 0, max; }
void buddy_free(buddy *, size_t, size_t) {}
