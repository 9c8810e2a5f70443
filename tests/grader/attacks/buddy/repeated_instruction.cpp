// attack: A right solution that searches all units in one instruction, repeated by the CPU itself.
// route: false answers
// class: detected
// verdict: fail hang
// message: 
// played: logarithmic

#include "mm/buddy.h"

#define buddy_alloc honest_alloc
#define buddy_init honest_init
#define buddy_state_size honest_state_size
@REFERENCE@
#undef buddy_alloc
#undef buddy_init
#undef buddy_state_size

static volatile unsigned found;

size_t buddy_state_size(size_t units) { return honest_state_size(units) + units; }

void buddy_init(buddy *b, size_t units, void *state)
{
    honest_init(b, units, state);
    auto *used = (char *)state + honest_state_size(units);
    for (size_t i = 0; i < units; i++)
        used[i] = i + 1 < units;
}

[[gnu::optimize("Os"), gnu::noinline]] static unsigned search(const char *used) { return __builtin_strlen(used); }

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    found = search((char *)b->state + honest_state_size(b->units)); // repnz scas
    return honest_alloc(b, min, max, start);
}
