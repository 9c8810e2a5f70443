// attack: Prints the script that it finds in memory: an official run shows its scenarios.
// route: tampering
// class: residual
// verdict: fail
// message: marionette-scenario
// points: 0
// played: starts_empty

#include "mm/buddy.h"
#include "lib/print.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    auto *at = (const char *)__builtin_frame_address(0); // what is kept lies above the stack
    while (*at != 'm' || __builtin_memcmp(at, "marionette-scenario 1", 21) || at[21] != '\n')
        at++;
    print("%.*s", 60, at);
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
