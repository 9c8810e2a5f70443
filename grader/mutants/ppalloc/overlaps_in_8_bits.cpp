// mistake: counts in 8 bits how many reserved ranges and regions of other types overlap: 256 look like none
// caught by: any_order
// headline: reserved pages are left out

// Page borders are collected as events, sorted, and swept from left to right.
#include "mm/allocation.h"

#include "lib/panic.h"

#include <algorithm>
#include <stdint.h>

namespace
{

buddy frames;

constexpr uint64_t four_gib = uint64_t{1} << 32;

struct event {
    uint32_t page;
    int8_t available; // +1, -1: a region that covers pages begins, ends
    int8_t blocked;
};

event events[8192];
size_t n_events;

uint64_t end_of(uint64_t base, uint64_t length)
{
    return length > UINT64_MAX - base ? UINT64_MAX : base + length;
}

void add(uint32_t first, uint32_t end, int available, int blocked)
{
    if (first >= end)
        return;
    events[n_events++] = {first, int8_t(available), int8_t(blocked)};
    events[n_events++] = {end, int8_t(-available), int8_t(-blocked)};
}

void add_available(const memory_region &r)
{
    if (r.base >= four_gib)
        return;
    uint64_t end = std::min(end_of(r.base, r.length), four_gib);
    add((r.base + page_size - 1) / page_size, end / page_size, 1, 0);
}

void add_blocked(uint64_t start, uint64_t end)
{
    if (start >= end || start >= four_gib)
        return;
    end = std::min(end, four_gib);
    add(start / page_size, (end + page_size - 1) / page_size, 0, 1);
}

} // namespace

void ppinit(std::span<const memory_region> map, std::span<const physical_range> reserved,
            void *state)
{
    buddy_init(&frames, pp_pages(map), state);
    n_events = 0;
    for (const memory_region &r : map)
        if (r.type == available_memory)
            add_available(r);
        else
            add_blocked(r.base, end_of(r.base, r.length));
    for (const physical_range &r : reserved)
        add_blocked(r.start, r.end);
    std::sort(events, events + n_events,
              [](const event &a, const event &b) { return a.page < b.page; });

    int available = 0;
    uint8_t blocked = 0;
    size_t from = 0;
    for (size_t i = 0; i < n_events; ++i) {
        const event &e = events[i];
        if (available > 0 && blocked == 0 && from < e.page)
            buddy_free(&frames, from, e.page - from);
        available += e.available;
        blocked += e.blocked;
        from = e.page;
    }
}

size_t ppalloc(size_t min_pages, size_t max_pages, uintptr_t *start_addr)
{
    size_t page;
    size_t got = buddy_alloc(&frames, min_pages, max_pages, &page);
    if (got != 0)
        *start_addr = page * page_size;
    return got;
}

void ppfree(uintptr_t start_addr, size_t n_pages)
{
    buddy_free(&frames, start_addr / page_size, n_pages);
}
