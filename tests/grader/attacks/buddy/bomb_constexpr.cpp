// attack: A constant expression that takes for ever.
// route: compile bombs
// class: stopped
// verdict: build
// message: constexpr

#include "mm/buddy.h"

constexpr unsigned spin() { unsigned n = 0; for (;;) n++; return n; }
constinit unsigned spun = spin();
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { return *start = 0, max; }
void buddy_free(buddy *, size_t, size_t) {}
