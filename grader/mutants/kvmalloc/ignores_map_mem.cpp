// mistake: takes for granted that map_mem succeeds
// caught by: no_page_table
// headline: every page is mapped
#include "mm/kvmalloc.h"

#include "mm/allocation.h"
#include "mm/paging.h"

// Memory for the kernel: virtual pages side by side, over frames from wherever there are some.

namespace {

// Unmaps the pages, and frees the frames that they were mapped to.
void release_frames(uintptr_t address, size_t n_pages)
{
    for (size_t i = 0; i < n_pages; i++) {
        uintptr_t frame;
        int flags;
        if (translate(nullptr, address + i * page_size, &frame, &flags))
            ppfree(frame, 1);
    }
    map_mem(nullptr, 0, address, n_pages, 0);
}

// Maps the pages to as many frames, in as few runs as the frames come in. How many it did.
size_t obtain_frames(uintptr_t address, size_t n_pages)
{
    size_t done = 0;
    while (done < n_pages) {
        uintptr_t frame;
        size_t run = ppalloc(1, n_pages - done, &frame);
        if (run == 0)
            break;
        map_mem(nullptr, frame, address + done * page_size, run, PTE_PRESENT | PTE_WRITABLE);
        done += run;
    }
    return done;
}

} // namespace

void *kvmalloc(size_t n_pages)
{
    uintptr_t address;
    if (n_pages == 0 || vpalloc(nullptr, n_pages, n_pages, &address) == 0)
        return nullptr;
    size_t done = obtain_frames(address, n_pages);
    if (done == n_pages)
        return reinterpret_cast<void *>(address);
    release_frames(address, done);
    vpfree(nullptr, address, n_pages);
    return nullptr;
}

void kvfree(void *address, size_t n_pages)
{
    if (!address)
        return;
    auto start = reinterpret_cast<uintptr_t>(address);
    release_frames(start, n_pages);
    vpfree(nullptr, start, n_pages);
}
