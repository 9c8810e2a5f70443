// attack: A right solution whose watchdog is switched off: each scenario takes nearly all the processor time that a boot has, and makes an end of it.
// route: no end
// class: residual
// verdict: pass hang crash
// message: 
// played: starts_empty

#include "mm/buddy.h"

#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

@PART:out@
static bool wasted;

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    out(0, 0x441);
    for (unsigned i = 0; i < 800'000'000 && !wasted; i++) {
        volatile int nothing = 0;
        (void)nothing;
    }
    wasted = true;
    return honest_alloc(b, min, max, start);
}
