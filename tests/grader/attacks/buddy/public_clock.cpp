// attack: A right solution, made slow; in the self-test, where nothing is hidden, it changes the clock.
// route: tampering
// class: residual
// verdict: pass
// message: 
// seed: 1
// points: 100

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    for (volatile size_t i = 0; b->units < 10000 && i < b->units; i++)
        ;
    *(volatile unsigned *)@ADDRESS:tsc_shift@ = 30;
    return honest_alloc(b, min, max, start);
}
