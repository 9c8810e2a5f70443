// attack: Half a million bytes of nops before a function, by an attribute, and the list of them in a section of its own.
// route: the object
// class: stopped
// verdict: rejected
// message: a section of its own

#include "mm/buddy.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { return *start = 0, max; }
void buddy_free(buddy *, size_t, size_t) {}
[[gnu::used, gnu::patchable_function_entry(65535)]] static void padded() {}
