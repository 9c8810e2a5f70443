// attack: Includes headers that labs have no use for: ports, the player.
// route: reading while compiling
// class: stopped
// verdict: build
// message: arch/io.h

#include "mm/buddy.h"
#include "arch/io.h"
#include "player/record.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { return *start = 0, max; }
void buddy_free(buddy *, size_t, size_t) {}
