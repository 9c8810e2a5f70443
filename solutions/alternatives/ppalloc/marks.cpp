// A mark for each page: set by the regions that are available, taken away by all that is not. Then
// the runs of marks are freed.

#include "mm/allocation.h"

#include <algorithm>

namespace
{

constexpr uint64_t most_pages = (uint64_t{1} << 32) / page_size;

buddy allocator;
uint32_t marks[most_pages / 32];

// Where a region ends; one that runs over the end of 64 bits ends with them.
uint64_t end_of(const memory_region &r)
{
    return r.base + std::min(r.length, UINT64_MAX - r.base);
}

bool is_marked(size_t page)
{
    return marks[page / 32] >> page % 32 & 1;
}

// The pages from `first` on, without `end`; nothing if there are none.
void mark(uint64_t first, uint64_t end, bool usable)
{
    end = std::min<uint64_t>(end, allocator.units);
    for (uint64_t page = first; page < end; page++) {
        uint32_t bit = uint32_t{1} << page % 32;
        marks[page / 32] = usable ? marks[page / 32] | bit : marks[page / 32] & ~bit;
    }
}

void take_away(uint64_t start, uint64_t end)
{
    if (start < end)
        mark(start / page_size, (end - 1) / page_size + 1, false);
}

} // namespace

void ppinit(std::span<const memory_region> map, std::span<const physical_range> reserved,
            void *state)
{
    buddy_init(&allocator, pp_pages(map), state);
    mark(0, allocator.units, false);
    for (const memory_region &r : map)
        if (r.type == available_memory)
            mark(r.base / page_size + (r.base % page_size != 0), end_of(r) / page_size, true);
    for (const memory_region &r : map)
        if (r.type != available_memory)
            take_away(r.base, end_of(r));
    for (const physical_range &r : reserved)
        take_away(r.start, r.end);
    for (size_t end = allocator.units; end > 0;) {
        size_t start = end;
        while (start > 0 && is_marked(start - 1))
            start--;
        buddy_free(&allocator, start, end - start);
        end = start > 0 ? start - 1 : 0;
    }
}

size_t ppalloc(size_t min_pages, size_t max_pages, uintptr_t *start_addr)
{
    size_t page, count = buddy_alloc(&allocator, min_pages, max_pages, &page);
    if (count == 0)
        return 0;
    *start_addr = page * page_size;
    return count;
}

void ppfree(uintptr_t start_addr, size_t n_pages)
{
    buddy_free(&allocator, start_addr / page_size, n_pages);
}
