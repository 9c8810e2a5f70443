// attack: The same with bytes on the stack.
// route: foreign code
// class: detected
// verdict: crash fail
// message: no code of the kernel or of the submission

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    volatile unsigned char code[] = {0x0f, 0x31, 0xc3};
    ((void (*)())(size_t)code)();
    return honest_alloc(b, min, max, start);
}
