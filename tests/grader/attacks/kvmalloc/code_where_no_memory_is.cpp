// attack: Maps a page to a frame behind all memory, where there is nothing, and jumps there.
// route: foreign code
// class: detected
// verdict: crash
// message: page fault
// played: first_pages

#include "mm/allocation.h"
#include "mm/kvmalloc.h"
#include "mm/paging.h"

void *kvmalloc(size_t)
{
    uintptr_t page;
    vpalloc(nullptr, 1, 1, &page);
    map_mem(nullptr, 0x80000000, page, 1, PTE_PRESENT | PTE_WRITABLE);
    ((void (*)())page)();
    return nullptr;
}

void kvfree(void *, size_t) {}
