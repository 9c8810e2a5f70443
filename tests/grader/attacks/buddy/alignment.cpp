// attack: A variable that must lie at a multiple of 256 MiB: what lies before it is to be filled.
// route: compile bombs
// class: stopped
// verdict: build
// message: the assembler does not take | static variables leave no room

#include "mm/buddy.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { return *start = 0, max; }
void buddy_free(buddy *, size_t, size_t) {}
[[gnu::used]] alignas(1 << 28) static unsigned char far_away[16] = {1};
