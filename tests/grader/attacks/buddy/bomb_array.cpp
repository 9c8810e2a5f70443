// attack: An object file of a gigabyte.
// route: compile bombs
// class: stopped
// verdict: build
// message: 

#include "mm/buddy.h"

char filled[1u << 30] = {1};
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { return *start = 0, max; }
void buddy_free(buddy *, size_t, size_t) {}
