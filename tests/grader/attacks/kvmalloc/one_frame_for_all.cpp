// attack: Maps every page of every block to the same frame.
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
    static uintptr_t frame;
    uintptr_t first;
    if (!n_pages || !vpalloc(nullptr, n_pages, n_pages, &first))
        return nullptr;
    if (!frame)
        ppalloc(1, 1, &frame);
    for (size_t i = 0; i < n_pages; i++)
        map_mem(nullptr, frame, first + i * 4096, 1, PTE_PRESENT | PTE_WRITABLE);
    return (void *)first;
}

void kvfree(void *address, size_t n_pages)
{
    map_mem(nullptr, 0, (uintptr_t)address, n_pages, 0);
    vpfree(nullptr, (uintptr_t)address, address ? n_pages : 0);
}
