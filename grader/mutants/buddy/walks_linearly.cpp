// mistake: every request walks over all blocks from the first unit on
// caught by: logarithmic
// headline: grows like log n

#include "mm/buddy.h"

#include "lib/panic.h"

#include <algorithm>
#include <bit>
#include <stdint.h>

namespace {

constexpr uint8_t no_block = 255;

// For each unit the order of the free block that begins there.
uint8_t *orders(buddy *b)
{
    return static_cast<uint8_t *>(b->state);
}

size_t size_at(buddy *b, size_t unit)
{
    return orders(b)[unit] == no_block ? 0 : size_t{1} << orders(b)[unit];
}

void free_block(buddy *b, size_t block, unsigned order)
{
    size_t other = block ^ size_t{1} << order;
    while (other < b->units && orders(b)[other] == order) {
        orders(b)[other] = no_block;
        block = std::min(block, other);
        order++;
        other = block ^ size_t{1} << order;
    }
    orders(b)[block] = order;
}

void free_range(buddy *b, size_t start, size_t end)
{
    while (start < end) {
        unsigned order = std::bit_width(end - start) - 1;
        if (start != 0)
            order = std::min<unsigned>(order, std::countr_zero(start));
        free_block(b, start, order);
        start += size_t{1} << order;
    }
}

} // namespace

size_t buddy_state_size(size_t units)
{
    return units;
}

void buddy_init(buddy *b, size_t units, void *state)
{
    *b = {units, state};
    std::fill_n(orders(b), units, no_block);
}

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    if (max == 0 || min > max)
        return 0;
    size_t best = 0, found = 0; // the smallest block that has max, or else the largest
    for (size_t u = 0; u < b->units; u += std::max<size_t>(1, size_at(b, u))) {
        size_t size = size_at(b, u);
        bool better = best < max ? size > best : size >= max && size < best;
        if (better)
            best = size, found = u;
    }
    if (best < std::max<size_t>(min, 1))
        return 0;
    size_t count = std::min(best, max);
    orders(b)[found] = no_block;
    free_range(b, found + count, found + best);
    *start = found;
    return count;
}

void buddy_free(buddy *b, size_t start, size_t count)
{
    if (count == 0)
        return;
    if (count > b->units || start > b->units - count)
        panic("there are only %zu units", b->units);
    for (size_t u = 0; u < start + count; u += std::max<size_t>(1, size_at(b, u)))
        if (size_at(b, u) && u + size_at(b, u) > start)
            panic("free already");
    free_range(b, start, start + count);
}
