// attack: Has the compiler put calls of its own into each function, by attributes.
// route: calls and symbols
// class: stopped
// verdict: rejected
// message: may call
// played: starts_empty

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

[[gnu::optimize("stack-protector-all", "instrument-functions")]] size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    volatile char guarded[64];
    guarded[0] = 1;
    return honest_alloc(b, min, max, start) + 0 * guarded[0];
}
