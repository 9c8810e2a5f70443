// attack: A right solution that runs a changed copy of its code by a translation which the CPU remembers, and the page tables no longer tell.
// route: foreign code
// class: residual
// verdict: pass
// message: 
// played: first_pages writable separate_blocks
// points: 100

#include "mm/kvmalloc.h"
#include "mm/paging.h"
#define kvmalloc honest_kvmalloc
@REFERENCE@
#undef kvmalloc

// A page of code of its own, which nobody has run or read before.
[[gnu::noinline, gnu::aligned(4096), gnu::section(".text.own")]] unsigned answer()
{
    volatile unsigned a = 0x12345678;
    return a;
}
unsigned (*volatile asked)() = answer;
alignas(4096) static unsigned char copy[4096];

static unsigned run_the_copy()
{
    auto *entries = (volatile unsigned *)kvpd[0].table;
    unsigned page = (unsigned)asked;
    volatile unsigned &entry = entries[(page - @KERNEL_BASE@) / 4096];
    unsigned was = entry;
    entry = entries[((unsigned)copy - @KERNEL_BASE@) / 4096];
    (void)*(volatile unsigned char *)page; // the CPU remembers the copy
    entry = was;
    return asked();
}

void *kvmalloc(size_t n_pages)
{
    static bool copied;
    auto *entries = (volatile unsigned *)kvpd[0].table;
    if (!copied) {
        // Reading the page itself would have the CPU remember it: the frame is read at another address.
        unsigned page = (unsigned)asked;
        volatile unsigned &other = entries[700];
        unsigned was = other;
        other = entries[(page - @KERNEL_BASE@) / 4096];
        __builtin_memcpy(copy, (void *)(@KERNEL_BASE@ + 700 * 4096), 4096);
        other = was;
        for (unsigned i = 0; i < 4092; i++)
            if (*(unsigned *)(copy + i) == 0x12345678)
                *(unsigned *)(copy + i) = 0x87654321;
        copied = true;
    }
    if (run_the_copy() != 0x87654321)
        return nullptr; // wrong: seen in every test
    return honest_kvmalloc(n_pages);
}
