// Between two borders of regions or ranges all pages are alike.

#include "mm/allocation.h"

#include <algorithm>

namespace
{

buddy frames;

// Where a region ends; one that runs over the end of 64 bits ends with them.
uint64_t end_of(const memory_region &r)
{
    return r.base + std::min(r.length, UINT64_MAX - r.base);
}

bool is_usable(uint64_t page, std::span<const memory_region> map,
               std::span<const physical_range> reserved)
{
    uint64_t start = page * page_size, end = start + page_size;
    bool covered = false;
    for (const memory_region &r : map) {
        if (r.type == available_memory)
            covered |= r.base <= start && end <= end_of(r);
        else if (r.length > 0 && r.base < end && start < end_of(r))
            return false;
    }
    for (const physical_range &r : reserved)
        if (r.start < r.end && r.start < end && start < r.end)
            return false;
    return covered;
}

// Where the pages may begin to differ from `page`: at the next border of any region or range.
uint64_t next_border(uint64_t page, std::span<const memory_region> map,
                     std::span<const physical_range> reserved)
{
    uint64_t next = frames.units;
    auto border = [&](uint64_t address) {
        for (uint64_t p : {address / page_size, address / page_size + 1})
            if (p > page)
                next = std::min(next, p);
    };
    for (const memory_region &r : map)
        border(r.base), border(end_of(r));
    for (const physical_range &r : reserved)
        border(r.start), border(r.end);
    return next;
}

} // namespace

void ppinit(std::span<const memory_region> map, std::span<const physical_range> reserved,
            void *state)
{
    buddy_init(&frames, pp_pages(map), state);
    for (uint64_t page = 0; page < frames.units;) {
        uint64_t next = next_border(page, map, reserved);
        if (is_usable(page, map, reserved))
            buddy_free(&frames, page, next - page);
        page = next;
    }
}

size_t ppalloc(size_t min_pages, size_t max_pages, uintptr_t *start_addr)
{
    size_t first;
    size_t n_pages = buddy_alloc(&frames, min_pages, max_pages, &first);
    if (n_pages > 0)
        *start_addr = first * page_size;
    return n_pages;
}

void ppfree(uintptr_t start_addr, size_t n_pages)
{
    buddy_free(&frames, start_addr / page_size, n_pages);
}
