// mistake: counts all free blocks for the message of its panic
// caught by: double_free
// headline: it does not come back

// For each order an array of its free blocks without gaps; place[] tells where a block stands in it. What is
// taken out is replaced by the last.
#include "mm/buddy.h"

#include "lib/panic.h"

#include <algorithm>
#include <bit>
#include <stdint.h>

namespace
{

using unit_number = uint32_t;

struct notes {
    size_t units;
    uint32_t *count;    // [21]
    unit_number *array; // order after order
    uint32_t *place;    // by first unit
    uint8_t *kind;      // by first unit: order + 1, or 0

    notes(size_t n, void *state) : units(n)
    {
        count = static_cast<uint32_t *>(state);
        array = count + 21;
        place = array + array_start(21);
        kind = reinterpret_cast<uint8_t *>(place + units);
    }

    size_t array_start(unsigned order) const
    {
        size_t sum = 0;
        for (unsigned k = 0; k < order; ++k)
            sum += units >> k;
        return sum;
    }

    size_t bytes() const { return (21 + array_start(21) + units) * 4 + units; }

    void enter(size_t unit, unsigned order)
    {
        place[unit] = count[order]++;
        array[array_start(order) + place[unit]] = unit;
        kind[unit] = order + 1;
    }

    void remove(size_t unit)
    {
        unsigned order = kind[unit] - 1;
        unit_number *blocks = array + array_start(order);
        unit_number last = blocks[--count[order]];
        blocks[place[unit]] = last;
        place[last] = place[unit];
        kind[unit] = 0;
    }

    size_t pop(unsigned order)
    {
        size_t unit = array[array_start(order) + count[order] - 1];
        remove(unit);
        return unit;
    }

    // From the right: the last block first.
    void release(size_t from, size_t to)
    {
        while (from < to) {
            unsigned order =
                std::min<unsigned>(std::countr_zero(to), std::bit_width(to - from) - 1);
            to -= size_t{1} << order;
            join(to, order);
        }
    }

    void join(size_t unit, unsigned order)
    {
        size_t other = unit ^ (size_t{1} << order);
        if (other < units && kind[other] == order + 1) {
            remove(other);
            join(std::min(unit, other), order + 1);
        } else {
            enter(unit, order);
        }
    }
};

} // namespace

size_t buddy_state_size(size_t units)
{
    return notes(units, nullptr).bytes();
}

void buddy_init(buddy *b, size_t units, void *state)
{
    *b = {units, state};
    notes n(units, state);
    std::fill_n(n.count, 21, 0);
    std::fill_n(n.kind, units, 0);
}

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    if (max == 0 || min > max)
        return 0;
    notes n(b->units, b->state);
    for (unsigned order = 0; order < 21; ++order) {
        size_t size = size_t{1} << order;
        if (size < max || n.count[order] == 0)
            continue;
        *start = n.pop(order);
        n.release(*start + max, *start + size);
        return max;
    }
    for (unsigned order = 21; order-- > 0;) {
        size_t size = size_t{1} << order;
        if (n.count[order] == 0)
            continue;
        if (size < min)
            return 0;
        *start = n.pop(order);
        return size;
    }
    return 0;
}

void buddy_free(buddy *b, size_t start, size_t count)
{
    if (count == 0)
        return;
    if (start > b->units || b->units - start < count)
        panic("buddy_free(%x, %x): there are %x units", start, count, b->units);
    notes n(b->units, b->state);
    // The nearest block that begins at or before `start` begins at one of these.
    for (unsigned order = 0; order < 21; ++order)
        if (unsigned k = n.kind[start >> order << order]; k > order) {
            size_t blocks = 0;
            for (size_t u = 0; u < b->units; ++u)
                blocks += n.kind[u] != 0;
            panic("buddy_free(%x, %x): free, as are %x blocks", start, count, blocks);
        }
    for (size_t i = 1; i < count; ++i)
        if (n.kind[start + i] != 0)
            panic("buddy_free(%x, %x): free from %x", start, count, start + i);
    n.release(start, start + count);
}
