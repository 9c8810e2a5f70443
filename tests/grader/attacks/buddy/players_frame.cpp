// attack: A right solution, made slow; it moves the start of its time in the player's frame.
// route: tampering
// class: residual
// verdict: pass
// message: 
// points: 100

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    if (b->units > 10000) // or it would be too slow for its limit
        return honest_alloc(b, min, max, start);
    for (volatile size_t i = 0; i < b->units; i++)
        ;
    // The time stamp before the call, in the caller's frame: 6 instructions a round of 2^9 ticks.
    char *frame = *(char **)__builtin_frame_address(0);
    *(unsigned long long *)(frame - 0x20) += 6ull * 512 * b->units;
    return honest_alloc(b, min, max, start);
}
