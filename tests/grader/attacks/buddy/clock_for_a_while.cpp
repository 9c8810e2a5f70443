// attack: A right solution, made slow, that shifts the clock until it is called again, at its address in the kit's code.
// route: tampering
// class: detected
// verdict: crash
// message: the kernel's memory was damaged
// played: logarithmic

#include "mm/buddy.h"

#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

@PART:find_code@

static const short code[] = {@CODE:_Z15instructions_iny@};

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    static unsigned *shift = *(unsigned **)((char *)FIND(code) + 3); // mov shift, %ecx
    *shift = 9;
    for (volatile size_t i = 0; b->units < 10000 && i < b->units; i++)
        ;
    *shift = 15;
    return honest_alloc(b, min, max, start);
}
