// attack: Looks at the processes of the host by /proc.
// route: reading while compiling
// class: stopped
// verdict: build
// message: /proc/1/environ: No such file

#include "mm/buddy.h"
#include "/proc/1/environ"
#include "/proc/self/environ"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { return *start = 0, max; }
void buddy_free(buddy *, size_t, size_t) {}
