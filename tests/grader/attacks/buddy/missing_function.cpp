// attack: Leaves out a function, so that the reference might stay in its place.
// route: calls and symbols
// class: stopped
// verdict: build
// message: not defined: buddy_free

#include "mm/buddy.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { return *start = 0, max; }
