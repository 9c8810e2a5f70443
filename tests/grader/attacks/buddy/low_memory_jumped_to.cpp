// attack: The same with bytes that it leaves in low memory.
// route: foreign code
// class: detected
// verdict: crash fail
// message: page fault

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    auto *code = (volatile unsigned *)0x90000;
    *code = 0x00c3310f;
    ((void (*)())(size_t)code)();
    return honest_alloc(b, min, max, start);
}
