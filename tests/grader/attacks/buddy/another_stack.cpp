// attack: Goes on in a stack of its own when its time is over: the player's frames lie elsewhere, a copy is what it returns to.
// route: tampering
// class: detected
// verdict: fail crash hang
// message: 
// played: logarithmic

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

alignas(16) static unsigned copy[8192];

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    auto *own = (unsigned *)__builtin_frame_address(0);
    unsigned distance = (unsigned)&copy[2000] - (unsigned)own;
    for (int i = 0; i < 4000; i++)
        copy[2000 + i] = ((unsigned)(own + i) & 0xffff8000) == ((unsigned)own & 0xffff8000) ? own[i] : 0;
    for (int i = 2000; i < 6000; i++) // what leads from frame to frame
        if (copy[i] - (unsigned)own < 16000)
            copy[i] += distance;
    size_t count = honest_alloc(b, min, max, start);
    __builtin_eh_return(0, (char *)copy[2001]);
    return count;
}
