// Frees frames in runs, as they lie side by side; maps a single frame over all pages first, so that
// all page tables are there before any frame is taken.

#include "mm/kvmalloc.h"

#include "mm/allocation.h"
#include "mm/paging.h"

namespace
{

struct pages {
    uintptr_t start;
    size_t count;

    uintptr_t at(size_t i) const { return start + i * page_size; }
};

uintptr_t frame_behind(uintptr_t page)
{
    uintptr_t frame;
    int flags;
    return translate(nullptr, page, &frame, &flags) ? frame : UINTPTR_MAX;
}

// Frees what the first `mapped` pages lead to, and unmaps them all.
void put_back(pages block, size_t mapped)
{
    size_t begin = 0;
    while (begin < mapped) {
        uintptr_t frame = frame_behind(block.at(begin));
        size_t end = begin + 1;
        while (end < mapped && frame_behind(block.at(end)) == frame + (end - begin) * page_size)
            end++;
        ppfree(frame, end - begin);
        begin = end;
    }
    map_mem(nullptr, 0, block.start, block.count, 0);
    vpfree(nullptr, block.start, block.count);
}

bool has_tables(pages block)
{
    for (size_t i = 0; i < block.count; i++)
        if (map_mem(nullptr, 0, block.at(i), 1, PTE_PRESENT) != 0)
            return false;
    return true;
}

} // namespace

void *kvmalloc(size_t n_pages)
{
    pages block{0, n_pages};
    if (n_pages == 0 || vpalloc(nullptr, n_pages, n_pages, &block.start) == 0)
        return nullptr;
    size_t mapped = 0, run;
    bool possible = has_tables(block);
    for (uintptr_t frame; possible && mapped < n_pages; mapped += run) {
        run = ppalloc(1, n_pages - mapped, &frame);
        possible = run > 0;
        if (possible)
            map_mem(nullptr, frame, block.at(mapped), run, PTE_PRESENT | PTE_WRITABLE);
    }
    if (possible)
        return reinterpret_cast<void *>(block.start);
    put_back(block, mapped);
    return nullptr;
}

void kvfree(void *address, size_t n_pages)
{
    if (address)
        put_back({reinterpret_cast<uintptr_t>(address), n_pages}, n_pages);
}
