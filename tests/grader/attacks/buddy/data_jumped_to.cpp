// attack: The same with bytes among its variables.
// route: foreign code
// class: detected
// verdict: crash fail
// message: no code of the kernel or of the submission

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

unsigned char code[] = {0x0f, 0x31, 0xc3};
void *volatile hidden = code;

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    ((void (*)())hidden)();
    return honest_alloc(b, min, max, start);
}
