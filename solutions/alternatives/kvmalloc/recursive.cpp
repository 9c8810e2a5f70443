// A block is one run of frames, or two halves that are each filled in the same way. Whoever fills
// the second half in vain empties the first.

#include "mm/kvmalloc.h"

#include "mm/allocation.h"
#include "mm/paging.h"

static void empty(uintptr_t page, size_t n_pages)
{
    if (n_pages > 1) {
        empty(page, n_pages / 2);
        empty(page + n_pages / 2 * page_size, n_pages - n_pages / 2);
        return;
    }
    uintptr_t frame = 0;
    int flags = 0;
    translate(nullptr, page, &frame, &flags);
    map_mem(nullptr, 0, page, 1, 0);
    ppfree(frame, 1);
}

static bool fill(uintptr_t page, size_t n_pages)
{
    uintptr_t frame;
    if (ppalloc(n_pages, n_pages, &frame) == n_pages) {
        if (map_mem(nullptr, frame, page, n_pages, PTE_WRITABLE | PTE_PRESENT) == 0)
            return true;
        ppfree(frame, n_pages);
    }
    if (n_pages == 1 || !fill(page, n_pages / 2))
        return false;
    if (fill(page + n_pages / 2 * page_size, n_pages - n_pages / 2))
        return true;
    empty(page, n_pages / 2);
    return false;
}

void *kvmalloc(size_t n_pages)
{
    uintptr_t start;
    if (n_pages == 0 || vpalloc(nullptr, n_pages, n_pages, &start) != n_pages)
        return nullptr;
    if (fill(start, n_pages))
        return reinterpret_cast<void *>(start);
    vpfree(nullptr, start, n_pages);
    return nullptr;
}

void kvfree(void *address, size_t n_pages)
{
    auto start = reinterpret_cast<uintptr_t>(address);
    if (!address || n_pages == 0)
        return;
    empty(start, n_pages);
    vpfree(nullptr, start, n_pages);
}
