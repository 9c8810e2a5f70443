// Another style: one frame after another, each mapped as it comes, and undone in the same way.
#include "mm/kvmalloc.h"

#include "mm/allocation.h"
#include "mm/paging.h"

static bool add_page(uintptr_t address)
{
    uintptr_t frame;
    if (ppalloc(1, 1, &frame) == 0)
        return false;
    if (map_mem(nullptr, frame, address, 1, PTE_PRESENT | PTE_WRITABLE) == 0)
        return true;
    ppfree(frame, 1);
    return false;
}

static void remove_page(uintptr_t address)
{
    uintptr_t frame;
    int flags;
    translate(nullptr, address, &frame, &flags);
    map_mem(nullptr, 0, address, 1, 0);
    ppfree(frame, 1);
}

void *kvmalloc(size_t n_pages)
{
    uintptr_t start;
    if (!vpalloc(nullptr, n_pages, n_pages, &start))
        return nullptr;
    for (size_t i = 0; i < n_pages; i++) {
        if (add_page(start + i * page_size))
            continue;
        while (i-- > 0)
            remove_page(start + i * page_size);
        vpfree(nullptr, start, n_pages);
        return nullptr;
    }
    return (void *)start;
}

void kvfree(void *address, size_t n_pages)
{
    if (!address)
        return;
    for (size_t i = 0; i < n_pages; i++)
        remove_page((uintptr_t)address + i * page_size);
    vpfree(nullptr, (uintptr_t)address, n_pages);
}
