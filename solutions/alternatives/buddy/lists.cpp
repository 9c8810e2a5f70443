// A correct buddy allocator of another design than the reference: a list of free blocks for each
// order, first freed, first taken; the links and the orders stand in arrays with one entry a unit.

#include "mm/buddy.h"

#include "lib/panic.h"

#include <algorithm>
#include <bit>
#include <stdint.h>

namespace {

constexpr unsigned orders = 21;
constexpr uint8_t no_block = 255;

// For the first unit of each free block: its order, and its neighbours in the list. The lists are
// rings: entry units + k is the head of that of order k.
struct state {
    uint8_t *order;
    uint32_t *next;
    uint32_t *previous;
};

state in(const buddy *b)
{
    auto next = static_cast<uint32_t *>(b->state);
    uint32_t *previous = next + b->units + orders;
    return {reinterpret_cast<uint8_t *>(previous + b->units + orders), next, previous};
}

void append(const buddy *b, size_t block, unsigned order)
{
    state s = in(b);
    size_t head = b->units + order, last = s.previous[head];
    s.next[last] = s.previous[head] = block;
    s.next[block] = head;
    s.previous[block] = last;
    s.order[block] = order;
}

void remove(const buddy *b, size_t block)
{
    state s = in(b);
    s.next[s.previous[block]] = s.next[block];
    s.previous[s.next[block]] = s.previous[block];
    s.order[block] = no_block;
}

void free_block(const buddy *b, size_t block, unsigned order)
{
    for (; order + 1 < orders; order++) {
        size_t other = block ^ size_t{1} << order;
        if (other >= b->units || in(b).order[other] != order)
            break;
        remove(b, other);
        block = std::min(block, other);
    }
    append(b, block, order);
}

void free_range(const buddy *b, size_t start, size_t end)
{
    while (start < end) {
        unsigned order = std::bit_width(end - start) - 1;
        if (start != 0)
            order = std::min<unsigned>(order, std::countr_zero(start));
        free_block(b, start, order);
        start += size_t{1} << order;
    }
}

// Whether a block that begins in the range is free, or one that reaches into it from before.
bool any_free(const buddy *b, size_t start, size_t end)
{
    state s = in(b);
    for (size_t u = start; u < end; u++)
        if (s.order[u] != no_block)
            return true;
    for (unsigned order = 0; order < orders; order++)
        if (s.order[start >> order << order] == order)
            return true;
    return false;
}

} // namespace

size_t buddy_state_size(size_t units)
{
    return 2 * (units + orders) * sizeof(uint32_t) + units;
}

void buddy_init(buddy *b, size_t units, void *memory)
{
    *b = {units, memory};
    state s = in(b);
    std::fill_n(s.order, units, no_block);
    for (size_t head = units; head < units + orders; head++)
        s.next[head] = s.previous[head] = head;
}

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    if (max == 0 || min > max)
        return 0;
    state s = in(b);
    auto is_empty = [&](unsigned k) { return s.next[b->units + k] == b->units + k; };
    unsigned order = std::bit_width(max - 1);
    while (order < orders && is_empty(order))
        order++;
    if (order >= orders) { // max is not to be had
        order = orders;
        while (order > 0 && is_empty(order - 1))
            order--;
        if (order == 0 || size_t{1} << (order - 1) < min)
            return 0;
        order--;
        max = size_t{1} << order;
    }
    size_t block = s.next[b->units + order];
    remove(b, block);
    free_range(b, block + max, block + (size_t{1} << order));
    *start = block;
    return max;
}

void buddy_free(buddy *b, size_t start, size_t count)
{
    if (count == 0)
        return;
    if (count > b->units || start > b->units - count)
        panic("there are only %zu units", b->units);
    if (any_free(b, start, start + count))
        panic("free already");
    free_range(b, start, start + count);
}
