#include "mm/allocation.h"

#include <algorithm>

// Frames: a buddy allocator whose unit i is the physical page i * 4096.

namespace
{

buddy frames;

// A range of pages: [first, end).
struct page_range {
    uint64_t first;
    uint64_t end;

    bool contains(uint64_t page) const { return first <= page && page < end; }
};

// The pages that lie wholly in [start, end).
page_range pages_inside(uint64_t start, uint64_t end)
{
    return {start / page_size + (start % page_size ? 1 : 0), end / page_size};
}

// The pages that [start, end) touches; none if it is empty.
page_range pages_touched(uint64_t start, uint64_t end)
{
    if (start >= end)
        return {0, 0};
    return {start / page_size, (end + page_size - 1) / page_size};
}

// The end of a region. One that runs over the end of 64 bits ends a page before it: what lies up
// there is not managed anyway, and rounding up must not wrap.
uint64_t end_of(const memory_region &region)
{
    uint64_t last_end = UINT64_MAX - page_size;
    if (region.base >= last_end)
        return region.base;
    return region.base + std::min(region.length, last_end - region.base);
}

// What stands in the way of the pages of the available region map[current]: regions of other types,
// reserved ranges, and available regions before it, whose pages are free already.
struct obstacles {
    std::span<const memory_region> map;
    std::span<const physical_range> reserved;
    size_t current;

    template <typename Visit>
    void each(Visit visit) const
    {
        for (size_t i = 0; i < map.size(); i++) {
            if (map[i].type != available_memory)
                visit(pages_touched(map[i].base, end_of(map[i])));
            else if (i < current)
                visit(pages_inside(map[i].base, end_of(map[i])));
        }
        for (const physical_range &range : reserved)
            visit(pages_touched(range.start, range.end));
    }

    // The first page from `page` on that is in nobody's way. Ranges overlap, in any order: the end
    // of one may lie in another that was passed before, so it goes round until nothing moves it.
    uint64_t skip(uint64_t page) const
    {
        for (uint64_t before = ~page; before != page;) {
            before = page;
            each([&](page_range r) { page = r.contains(page) ? r.end : page; });
        }
        return page;
    }

    // The first page from `page` on that is in the way, or `end` if that comes first.
    uint64_t next(uint64_t page, uint64_t end) const
    {
        each([&](page_range r) {
            if (r.first < r.end && r.first >= page)
                end = std::min(end, r.first);
        });
        return end;
    }
};

} // namespace

void ppinit(std::span<const memory_region> map, std::span<const physical_range> reserved,
            void *state)
{
    buddy_init(&frames, pp_pages(map), state);
    for (size_t i = 0; i < map.size(); i++) {
        if (map[i].type != available_memory)
            continue;
        obstacles in_the_way{map, reserved, i};
        page_range region = pages_inside(map[i].base, end_of(map[i]));
        region.end = std::min<uint64_t>(region.end, frames.units);
        uint64_t page = in_the_way.skip(region.first);
        while (page < region.end) {
            uint64_t end = in_the_way.next(page, region.end);
            buddy_free(&frames, page, end - page);
            page = in_the_way.skip(end);
        }
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
