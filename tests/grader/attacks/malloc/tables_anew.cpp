// attack: Fills the page directory with page tables, a thousand, and changes all of them at each call: each glance was four megabytes more, 1.4 GiB in the end.
// route: no end
// class: detected
// verdict: crash fail
// message: pages or more, as were mapped in the machine's page tables
// played: any_history pages instructions

#include "mm/kvmalloc.h"
#include "mm/malloc.h"
#define malloc honest_malloc
void *honest_malloc(size_t size);
@REFERENCE@
#undef malloc

@PART:empty_tables@
static unsigned x = 1;

static unsigned next() { return x = x * 1664525 + 1013904223; }

void *malloc(size_t size)
{
    static unsigned *pages, *tables;
    if (!pages) {
        pages = (unsigned *)kvmalloc(1024), tables = directory();
        unsigned first = ((unsigned)pages - @KERNEL_BASE@) / 4096;
        for (unsigned i = 0, page = first; i < 1024 && pages; i++)
            if (!tables[i])
                tables[i] = (entries[page++] & ~0xfffu) | 3;
    }
    for (unsigned i = 0; i < 1024 * 1024 && pages; i += 1024)
        for (unsigned at = i; at < i + 1024; at += 64)
            pages[at] = next();
    return honest_malloc(size);
}
