// attack: The same with bytes in the middle of an instruction of its own.
// route: foreign code
// class: detected
// verdict: crash fail
// message: no code of the kernel or of the submission

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

[[gnu::noinline]] size_t holds()
{
    volatile size_t bytes = 0x90c3310f; // rdtsc, ret
    return bytes;
}
char *volatile hidden = (char *)holds;

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    char *at = hidden;
    while (*(unsigned *)at != 0x90c3310f)
        at++;
    ((void (*)())at)();
    return honest_alloc(b, min, max, start);
}
