// attack: Words of the language and of the kit, redefined before the headers are read.
// route: reading while compiling
// class: stopped
// verdict: build
// message: error:

#define private public
#define constexpr
#define static_assert(...)
#define __attribute__(x)
#define asm
#define size_t unsigned long long
#include "mm/buddy.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { return *start = 0, max; }
void buddy_free(buddy *, size_t, size_t) {}
