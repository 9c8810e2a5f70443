// Looks at every page by itself, and frees them one by one.

#include "mm/allocation.h"

#include <algorithm>

static buddy allocator;

// Where a region ends; one that runs over the end of 64 bits ends with them.
static uint64_t end_of(const memory_region &r)
{
    return r.base + std::min(r.length, UINT64_MAX - r.base);
}

static bool overlap(uint64_t start, uint64_t end, uint64_t other_start, uint64_t other_end)
{
    return other_start < other_end && start < other_end && other_start < end;
}

static bool usable(uint64_t start, std::span<const memory_region> map,
                   std::span<const physical_range> reserved)
{
    uint64_t end = start + page_size;
    for (size_t i = 0; i < reserved.size(); i++)
        if (overlap(start, end, reserved[i].start, reserved[i].end))
            return false;
    bool in_one = false;
    for (size_t i = 0; i < map.size(); i++) {
        uint64_t first = map[i].base, last = end_of(map[i]);
        if (map[i].type == available_memory && first <= start && end <= last)
            in_one = true;
        if (map[i].type != available_memory && overlap(start, end, first, last))
            return false;
    }
    return in_one;
}

void ppinit(std::span<const memory_region> map, std::span<const physical_range> reserved,
            void *state)
{
    size_t pages = pp_pages(map);
    buddy_init(&allocator, pages, state);
    for (size_t page = 0; page < pages; page++)
        if (usable(uint64_t{page} * page_size, map, reserved))
            buddy_free(&allocator, page, 1);
}

size_t ppalloc(size_t min_pages, size_t max_pages, uintptr_t *start_addr)
{
    size_t page = 0;
    size_t count = buddy_alloc(&allocator, min_pages, max_pages, &page);
    if (count)
        *start_addr = page << 12;
    return count;
}

void ppfree(uintptr_t start_addr, size_t n_pages)
{
    buddy_free(&allocator, start_addr >> 12, n_pages);
}
