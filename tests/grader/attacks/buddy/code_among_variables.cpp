// attack: A right solution that has bytes in a writable section of code, which is not disassembled: rdtsc, ret.
// route: the object
// class: stopped
// verdict: rejected
// message: is not what its name says

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

// Without a symbol (.L) nothing says that these are data.
[[gnu::section(".text.mine")]] static unsigned char code[3] asm(".Lcode") = {0x0f, 0x31, 0xc3};
size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    asm("" : "+m"(code)); // or they would be constant
    ((void (*)())code)();
    return honest_alloc(b, min, max, start);
}
