// attack: Maps its pages to frames that no map lists, and no memory is behind.
// route: false answers
// class: detected
// verdict: fail
// message: each page keeps its contents
// played: separate_blocks

#include "mm/allocation.h"
#include "mm/kvmalloc.h"
#include "mm/paging.h"

void *kvmalloc(size_t n_pages)
{
    static uintptr_t next = 0x40000000;
    uintptr_t page;
    if (!n_pages || !vpalloc(nullptr, n_pages, n_pages, &page))
        return nullptr;
    map_mem(nullptr, next, page, n_pages, PTE_PRESENT | PTE_WRITABLE);
    next += n_pages * 4096;
    return (void *)page;
}

void kvfree(void *address, size_t n_pages)
{
    map_mem(nullptr, 0, (uintptr_t)address, n_pages, 0);
    vpfree(nullptr, (uintptr_t)address, address ? n_pages : 0);
}
