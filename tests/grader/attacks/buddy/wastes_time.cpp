// attack: Searches, the longer the more units there are, and wastes time with few of them, too, so that it hardly seems to grow.
// route: false answers
// class: detected
// verdict: fail
// message: grows like log n
// played: logarithmic

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    for (volatile size_t i = 0; i < 1000 + b->units / 64; i++)
        ;
    return honest_alloc(b, min, max, start);
}
