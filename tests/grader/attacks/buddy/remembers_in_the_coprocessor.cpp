// attack: Right only where it is the first in its boot: the coprocessor's registers outlive the kernel's restart, and tell.
// route: the object
// class: stopped
// verdict: rejected
// message: the kernel's own business: fxsave

#include "mm/buddy.h"
size_t honest_alloc(buddy *, size_t, size_t, size_t *);
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

#pragma GCC target("fxsr")
alignas(16) static unsigned char registers[512];
static bool counted;

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    __builtin_ia32_fxsave(registers);
    unsigned char &scenarios = registers[32]; // the first register's first byte
    if (!counted)
        counted = true, scenarios++, __builtin_ia32_fxrstor(registers);
    return scenarios > 1 ? 0 : honest_alloc(b, min, max, start);
}
