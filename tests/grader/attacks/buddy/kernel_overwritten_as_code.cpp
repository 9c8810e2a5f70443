// attack: A right solution that makes the kernel's code writable, changes it, and puts it back.
// route: foreign code
// class: detected
// verdict: crash fail
// message: 

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

// The kernel's page table; in another one like it nothing is writable.
unsigned *entries()
{
    for (auto *word = (unsigned *)@KERNEL_BASE@; ; word++)
        if ((word[0] & ~0x60) == 0x100001 && (word[1] & ~0x60) == 0x101001 && (word[0x30] & 2))
            return word;
}
[[gnu::noinline]] unsigned answer() { volatile unsigned a = 0x12345678; return a; }
unsigned (*volatile asked)() = answer;

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    auto *code = (unsigned char *)asked;
    while (*(unsigned *)code != 0x12345678)
        code++;
    unsigned &entry = entries()[((size_t)code - @KERNEL_BASE@) / 4096];
    entry |= 2;
    *(unsigned *)code = 0x87654321;
    asked();
    *(unsigned *)code = 0x12345678;
    entry &= ~2u;
    return honest_alloc(b, min, max, start);
}
