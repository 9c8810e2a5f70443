// As many frames in one run as are missing, else half as many, and so on down to single ones.

#include "mm/kvmalloc.h"

#include "mm/allocation.h"
#include "mm/paging.h"

namespace
{

// A run of frames, exactly `wanted` or half, a quarter … as many. How many; 0 if there is none.
size_t take_run(size_t wanted, uintptr_t *frame)
{
    for (size_t n = wanted; n > 0; n /= 2)
        if (ppalloc(n, n, frame) == n)
            return n;
    return 0;
}

// Unmaps the pages from the last to the first, and frees each frame once nothing leads to it.
void give_back(uintptr_t start, size_t n_pages)
{
    for (size_t i = n_pages; i-- > 0;) {
        uintptr_t page = start + i * page_size, frame;
        int flags;
        if (!translate(nullptr, page, &frame, &flags))
            continue;
        map_mem(nullptr, 0, page, 1, 0);
        ppfree(frame, 1);
    }
}

bool fill(uintptr_t start, size_t n_pages)
{
    for (size_t done = 0, run; done < n_pages; done += run) {
        uintptr_t frame;
        run = take_run(n_pages - done, &frame);
        if (run == 0)
            return false;
        if (map_mem(nullptr, frame, start + done * page_size, run, PTE_WRITABLE | PTE_PRESENT)) {
            ppfree(frame, run);
            return false;
        }
    }
    return true;
}

} // namespace

void *kvmalloc(size_t n_pages)
{
    uintptr_t start;
    if (n_pages == 0 || vpalloc(&kernel_vpallocator, n_pages, n_pages, &start) != n_pages)
        return nullptr;
    if (fill(start, n_pages))
        return reinterpret_cast<void *>(start);
    give_back(start, n_pages);
    vpfree(&kernel_vpallocator, start, n_pages);
    return nullptr;
}

void kvfree(void *address, size_t n_pages)
{
    if (!address)
        return;
    auto start = reinterpret_cast<uintptr_t>(address);
    give_back(start, n_pages);
    vpfree(&kernel_vpallocator, start, n_pages);
}
