// attack: Templates without end.
// route: compile bombs
// class: stopped
// verdict: build
// message: template

#include "mm/buddy.h"

template <int n> struct t { static constexpr int v = t<n + 1>::v; };
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { return *start = t<0>::v, max; }
void buddy_free(buddy *, size_t, size_t) {}
