// attack: A naked function without an end: the CPU runs into whatever the linker put behind it.
// route: the object
// class: detected
// verdict: crash fail hang
// message: operation
// played: starts_empty

#include "mm/buddy.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
void buddy_free(buddy *, size_t, size_t) {}
[[gnu::naked]] size_t buddy_alloc(buddy *, size_t, size_t, size_t *) {}
