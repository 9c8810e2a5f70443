// Careful: a page of addresses behind each block is never mapped, so that who writes past its end
// is caught, and who reads what was never written finds zeros.
// slow in: cost_per_page
#include "mm/kvmalloc.h"

#include "mm/allocation.h"
#include "mm/paging.h"

namespace
{

constexpr size_t guard_pages = 1;

// Unmaps and frees the first n_pages pages, the virtual pages with their guard.
void release(uintptr_t start, size_t n_mapped, size_t n_pages)
{
    for (size_t i = 0; i < n_mapped; i++) {
        uintptr_t frame;
        int flags;
        if (translate(nullptr, start + i * page_size, &frame, &flags))
            ppfree(frame, 1);
    }
    map_mem(nullptr, 0, start, n_mapped, 0);
    vpfree(nullptr, start, n_pages + guard_pages);
}

void clear(uintptr_t start, size_t n_pages)
{
    auto bytes = reinterpret_cast<char *>(start);
    for (size_t i = 0; i < n_pages * page_size; i++)
        bytes[i] = 0;
}

} // namespace

void *kvmalloc(size_t n_pages)
{
    uintptr_t start;
    size_t wanted = n_pages + guard_pages;
    if (n_pages == 0 || wanted < n_pages || vpalloc(nullptr, wanted, wanted, &start) == 0)
        return nullptr;
    size_t mapped = 0;
    while (mapped < n_pages) {
        uintptr_t frame;
        size_t run = ppalloc(1, n_pages - mapped, &frame);
        int error = run == 0 ? -1
                             : map_mem(nullptr, frame, start + mapped * page_size, run,
                                       PTE_PRESENT | PTE_WRITABLE);
        if (error != 0) {
            if (run > 0)
                ppfree(frame, run);
            release(start, mapped, n_pages);
            return nullptr;
        }
        mapped += run;
    }
    clear(start, n_pages);
    return reinterpret_cast<void *>(start);
}

void kvfree(void *address, size_t n_pages)
{
    if (address)
        release(reinterpret_cast<uintptr_t>(address), n_pages, n_pages);
}
