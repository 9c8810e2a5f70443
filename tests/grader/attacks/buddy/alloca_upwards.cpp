// attack: Takes a negative number of bytes of the stack: its pointer goes up, into the frames of the player.
// route: tampering
// class: detected
// verdict: crash
// message: page fault
// played: starts_empty

#include "mm/buddy.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
void buddy_free(buddy *, size_t, size_t) {}

size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    auto *players = (volatile char *)__builtin_alloca((size_t)-400);
    for (int i = 0; i < 300; i++)
        players[i] = 0;
    return *start = 0, max;
}
