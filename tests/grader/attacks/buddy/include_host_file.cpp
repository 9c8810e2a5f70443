// attack: Has the compiler print a file of the host in an error message.
// route: reading while compiling
// class: stopped
// verdict: build
// message: No such file

#include "mm/buddy.h"
#include "@SECRET@"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { return *start = 0, max; }
void buddy_free(buddy *, size_t, size_t) {}
