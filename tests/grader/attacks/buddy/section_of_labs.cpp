// attack: Registers a lab of its own, whose operations always succeed.
// route: the object
// class: stopped
// verdict: rejected
// message: a section of its own, .labs

#include "mm/buddy.h"

[[gnu::section(".labs"), gnu::used]] const void *const mine = nullptr;
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { return *start = 0, max; }
void buddy_free(buddy *, size_t, size_t) {}
