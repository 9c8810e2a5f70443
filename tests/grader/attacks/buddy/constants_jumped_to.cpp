// attack: A right solution that jumps to bytes among its constants: rdtsc, ret.
// route: foreign code
// class: detected
// verdict: crash fail
// message: the kernel's memory was damaged

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

[[gnu::used]] extern const unsigned char code[] = {0x0f, 0x31, 0xc3};
const void *volatile hidden = code;

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    ((void (*)())hidden)();
    return honest_alloc(b, min, max, start);
}
