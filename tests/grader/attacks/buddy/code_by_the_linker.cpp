// attack: A right solution with zeros among its code, of which the linker makes an instruction: rdtsc.
// route: the object
// class: stopped
// verdict: rejected
// message: is no plain name

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

[[gnu::section(".text\n\t.type trick, @function\ntrick:\t.long bytes\n\t.globl bytes\n"
               "\t.set bytes, 0x90c3310f\n\t.section .data")]] int port = 4;
extern "C" void trick();
size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    port = 3;
    trick();
    return honest_alloc(b, min, max, start);
}
