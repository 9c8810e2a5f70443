// attack: A constructor that runs before everything.
// route: the object
// class: stopped
// verdict: rejected
// message: a static object with a constructor

#include "mm/buddy.h"

[[gnu::constructor]] void early() { for (;;) ; }
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { return *start = 0, max; }
void buddy_free(buddy *, size_t, size_t) {}
