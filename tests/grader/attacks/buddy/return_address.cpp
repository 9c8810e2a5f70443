// attack: Returns past the player's check of what it did, by its return address.
// route: tampering
// class: detected
// verdict: crash fail hang
// message: 

#include "mm/buddy.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    ((size_t *)__builtin_frame_address(0))[1] += 16;
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
