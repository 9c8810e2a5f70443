// From the last page to the first, a frame at a time.

#include "mm/kvmalloc.h"

#include "mm/allocation.h"
#include "mm/paging.h"

namespace
{

uintptr_t frame_at(uintptr_t page)
{
    uintptr_t frame;
    int flags;
    return translate(nullptr, page, &frame, &flags) ? frame : 0;
}

// Takes away what the pages of [from, end) were mapped to.
void clear(uintptr_t from, uintptr_t end)
{
    for (uintptr_t page = from; page < end; page += page_size) {
        uintptr_t frame = frame_at(page);
        map_mem(nullptr, 0, page, 1, 0);
        ppfree(frame, 1);
    }
}

// Maps the pages of [start, end); undoes what it did if it can't go on.
bool fill(uintptr_t start, uintptr_t end)
{
    uintptr_t page = end;
    while (page > start) {
        uintptr_t frame;
        if (ppalloc(1, 1, &frame) == 0)
            break;
        if (map_mem(nullptr, frame, page - page_size, 1, PTE_PRESENT | PTE_WRITABLE) != 0) {
            ppfree(frame, 1);
            break;
        }
        page -= page_size;
    }
    if (page > start)
        clear(page, end);
    return page == start;
}

} // namespace

void *kvmalloc(size_t n_pages)
{
    uintptr_t start;
    if (n_pages == 0 || vpalloc(nullptr, n_pages, n_pages, &start) == 0)
        return nullptr;
    if (fill(start, start + n_pages * page_size))
        return reinterpret_cast<void *>(start);
    vpfree(nullptr, start, n_pages);
    return nullptr;
}

void kvfree(void *address, size_t n_pages)
{
    if (!address)
        return;
    auto start = reinterpret_cast<uintptr_t>(address);
    clear(start, start + n_pages * page_size);
    vpfree(nullptr, start, n_pages);
}
