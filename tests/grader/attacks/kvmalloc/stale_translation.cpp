// attack: A right solution that runs a changed copy of its code by a translation which the CPU remembers, and the page tables no longer tell.
// route: foreign code
// class: residual
// verdict: pass crash
// message: 
// played: first_pages writable separate_blocks
// points: 100

#include "mm/kvmalloc.h"
#include "mm/paging.h"
#define kvmalloc honest_kvmalloc
@REFERENCE@
#undef kvmalloc

[[gnu::noinline]] unsigned answer()
{
    volatile unsigned a = 0x12345678;
    return a;
}
unsigned (*volatile asked)() = answer;
alignas(4096) static unsigned char copy[4096];

static unsigned run_the_copy()
{
    auto *entries = (volatile unsigned *)kvpd[0].table;
    unsigned page = (unsigned)asked & -4096u;
    volatile unsigned &entry = entries[(page - @KERNEL_BASE@) / 4096];
    unsigned was = entry;
    entry = entries[((unsigned)copy - @KERNEL_BASE@) / 4096];
    flush_page(page);
    (void)*(volatile unsigned char *)page; // the CPU remembers the copy
    entry = was;
    unsigned answered = asked();
    flush_page(page);
    return answered;
}

void *kvmalloc(size_t n_pages)
{
    static bool copied;
    if (!copied) {
        __builtin_memcpy(copy, (void *)((unsigned)asked & -4096u), 4096);
        for (unsigned i = 0; i < 4092; i++)
            if (*(unsigned *)(copy + i) == 0x12345678)
                *(unsigned *)(copy + i) = 0x87654321;
        copied = true;
    }
    if (run_the_copy() != 0x87654321)
        return nullptr; // wrong: seen in every test
    return honest_kvmalloc(n_pages);
}
