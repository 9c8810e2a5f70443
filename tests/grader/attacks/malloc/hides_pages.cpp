// attack: Never gives a page back; while no block lives, it takes the pages out of the page tables, and puts them in again with the next block.
// route: tampering
// class: detected
// verdict: fail
// message: at most 16 pages stay
// played: gives_pages_back

#include "mm/kvmalloc.h"
#include "mm/malloc.h"
#include <stdint.h>

static unsigned live, n_runs;
static struct { unsigned start, pages; } runs[4096];

static void *counting_kvmalloc(size_t n_pages)
{
    void *pages = kvmalloc(n_pages);
    if (pages && n_runs < 4096)
        runs[n_runs++] = {(unsigned)(uintptr_t)pages, n_pages};
    return pages;
}

// The kernel's page tables are seen from its page 768 on (kernel/mm/page_tables.cpp).
static void show(bool present)
{
    auto *entries = (volatile unsigned *)(@KERNEL_BASE@ + 768 * 4096);
    for (unsigned i = 0; i < n_runs; i++)
        for (unsigned page = 0; page < runs[i].pages; page++) {
            volatile unsigned &entry = entries[(runs[i].start - @KERNEL_BASE@) / 4096 + page];
            entry = present ? entry | 1 : entry & ~1u;
        }
}

#define kvmalloc counting_kvmalloc
#define kvfree(address, n_pages) (void)(address)
@PART:honest_malloc@

void *malloc(size_t size)
{
    show(true);
    void *block = honest_malloc(size);
    live += block != nullptr;
    return show(live), block;
}

void *realloc(void *block, size_t size)
{
    show(true);
    void *moved = honest_realloc(block, size);
    live += (!block && moved) - (block && !size);
    return show(live), moved;
}

void free(void *block)
{
    show(true);
    honest_free(block);
    live -= block != nullptr;
    show(live);
}
