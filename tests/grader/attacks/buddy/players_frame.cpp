// attack: A right solution, made slow; it moves the start of its time in the player's frame.
// route: tampering
// class: detected
// verdict: crash
// message: instructions more than its record says
// played: logarithmic

#include "mm/buddy.h"

#include <initializer_list>
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    if (b->units > 10000) // or it would be too slow for its limit
        return honest_alloc(b, min, max, start);
    for (volatile size_t i = 0; i < b->units; i++)
        ;
    // The time stamp before the call lies in the caller's frame, or in registers that this function keeps in its own:
    // each compiler chooses anew. It is known by being time: a multiple of 2^9 ticks, not few, and no
    // pointer.
    char *own = (char *)__builtin_frame_address(0), *callers = *(char **)own;
    for (char *place : {callers - 0x18, callers - 0x1c, callers - 0x20, callers - 0x24, callers - 0x28,
                        own - 8, own - 0xc}) {
        auto time = (unsigned long long *)place;
        if (*time % 512 || *time < 50'000'000 || *time >> 32 > 0xfff)
            continue;
        *time += 6ull * 512 * b->units; // 6 instructions a round
        break;
    }
    return honest_alloc(b, min, max, start);
}
