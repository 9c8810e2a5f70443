// attack: Variables that are common, with the names of the kit's: the linker gave it the kit's own, wherever they lay.
// route: calls and symbols
// class: stopped
// verdict: fail
// message: starts empty

#include "mm/buddy.h"

unsigned record_crc [[gnu::common]];
int initial_directory [[gnu::common]];
static void overwrite() { record_crc++, initial_directory = 0; }

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { return overwrite(), *start = 0, max; }
void buddy_free(buddy *, size_t, size_t) {}
