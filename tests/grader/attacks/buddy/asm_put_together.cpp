// attack: Inline assembly whose name is put together: by a line end within, and from two halves.
// route: strings to the assembler
// class: stopped
// verdict: rejected
// message: inline assembly

#include "mm/buddy.h"

#define PASTE(a, b) a##b
void pasted() { PASTE(__a, sm)("hlt"); }
void split() { __as\
m__ volatile ("hlt"); }
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t, size_t *) { return 0; }
void buddy_free(buddy *, size_t, size_t) {}
