#include "mm/allocation.h"

@TABLE@

void note_64(uint64_t word)
{
    note(static_cast<unsigned>(word)), note(static_cast<unsigned>(word >> 32));
}

void ppinit(std::span<const memory_region> map, std::span<const physical_range> reserved, void *)
{
    for (const memory_region &region : map)
        note_64(region.base), note_64(region.length), note(region.type);
    for (const physical_range &range : reserved)
        note(range.start), note(range.end);
}

size_t ppalloc(size_t min_pages, size_t max_pages, uintptr_t *start_addr)
{
    return allocated(min_pages, max_pages, start_addr);
}

void ppfree(uintptr_t start_addr, size_t n_pages)
{
    freed(start_addr, n_pages);
}
