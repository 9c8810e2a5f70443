// attack: A handler of interrupts of its own.
// route: the object
// class: stopped
// verdict: rejected
// message: iret

#include "mm/buddy.h"

[[gnu::interrupt]] void handler(void *) {}
void (*volatile keep)(void *) = handler;
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { return *start = 0, max; }
void buddy_free(buddy *, size_t, size_t) {}
