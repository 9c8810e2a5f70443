// The highest block of the right size first: for each order a bitmap of the free blocks, above it
// one that says which of its words have any, and so on up to a single word.

#include "mm/buddy.h"

#include "lib/panic.h"

#include <algorithm>
#include <bit>
#include <stdint.h>

namespace
{

constexpr unsigned orders = std::bit_width(buddy_max_units);
constexpr unsigned most_levels = 5; // 32^4 bits are as many as there can be units; one more is none

constexpr size_t words_for(size_t bits)
{
    return (bits + 31) / 32;
}

// The words of all levels above and including a bitmap of so many bits.
constexpr size_t words_of_levels(size_t bits)
{
    size_t total = 0;
    do {
        bits = words_for(bits);
        total += bits;
    } while (bits > 1);
    return total;
}

// A set of numbers; its largest member is found in a step a level.
class set
{
public:
    set(uint32_t *memory, size_t bits)
    {
        do {
            level[levels++] = memory;
            bits = words_for(bits);
            memory += bits;
        } while (bits > 1);
    }

    bool empty() const { return level[levels - 1][0] == 0; }
    bool has(size_t i) const { return level[0][i / 32] >> i % 32 & 1; }

    size_t largest() const
    {
        size_t i = 0;
        for (unsigned l = levels; l-- > 0;)
            i = i * 32 + std::bit_width(level[l][i]) - 1;
        return i;
    }

    void add(size_t i)
    {
        for (unsigned l = 0; l < levels; l++, i /= 32)
            level[l][i / 32] |= uint32_t{1} << i % 32;
    }

    void remove(size_t i)
    {
        for (unsigned l = 0; l < levels; l++, i /= 32) {
            level[l][i / 32] &= ~(uint32_t{1} << i % 32);
            if (level[l][i / 32])
                return;
        }
    }

private:
    uint32_t *level[most_levels];
    unsigned levels = 0;
};

// Where the set of each order lies in the state.
struct sets {
    uint32_t *memory[orders];
    size_t units;

    set operator[](unsigned order) const { return {memory[order], blocks(units, order)}; }
    static size_t blocks(size_t units, unsigned order)
    {
        return std::max(units >> order, size_t{1});
    }
};

sets &in(const buddy *b)
{
    return *static_cast<sets *>(b->state);
}

void free_block(const sets &s, size_t block, unsigned order)
{
    while (order + 1 < orders && (block ^ 1) < s.units >> order && s[order].has(block ^ 1)) {
        s[order].remove(block ^ 1);
        block /= 2;
        order++;
    }
    s[order].add(block);
}

void free_range(const sets &s, size_t start, size_t end)
{
    while (start < end) {
        unsigned order = std::bit_width(end - start) - 1;
        if (start != 0)
            order = std::min<unsigned>(order, std::countr_zero(start));
        free_block(s, start >> order, order);
        start += size_t{1} << order;
    }
}

// Every block that lies in the range or holds a part of it, order by order: twice its length in
// all.
bool any_free(const sets &s, size_t start, size_t end)
{
    for (unsigned order = 0; order < orders; order++)
        for (size_t block = start >> order; block <= (end - 1) >> order; block++)
            if (block < s.units >> order && s[order].has(block))
                return true;
    return false;
}

// The smallest order from `order` on that has a free block, or `orders`.
unsigned next_order(const sets &s, unsigned order)
{
    while (order < orders && s[order].empty())
        order++;
    return order;
}

} // namespace

size_t buddy_state_size(size_t units)
{
    size_t words = 0;
    for (unsigned order = 0; order < orders; order++)
        words += words_of_levels(sets::blocks(units, order));
    return sizeof(sets) + words * sizeof(uint32_t);
}

void buddy_init(buddy *b, size_t units, void *state)
{
    *b = {units, state};
    sets &s = in(b);
    s.units = units;
    auto memory = reinterpret_cast<uint32_t *>(&s + 1);
    for (unsigned order = 0; order < orders; order++) {
        size_t words = words_of_levels(sets::blocks(units, order));
        std::fill_n(memory, words, 0);
        s.memory[order] = memory;
        memory += words;
    }
}

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    if (max == 0 || min > max)
        return 0;
    const sets &s = in(b);
    unsigned order = next_order(s, std::min<unsigned>(std::bit_width(max - 1), orders));
    if (order == orders) { // max is not to be had
        while (order > 0 && s[order - 1].empty())
            order--;
        if (order-- == 0 || size_t{1} << order < min)
            return 0;
        max = size_t{1} << order;
    }
    size_t first = s[order].largest() << order;
    s[order].remove(first >> order);
    free_range(s, first + max, first + (size_t{1} << order));
    *start = first;
    return max;
}

void buddy_free(buddy *b, size_t start, size_t count)
{
    if (count == 0)
        return;
    if (count > b->units || start > b->units - count)
        panic("buddy_free: there are only %zu units", b->units);
    if (any_free(in(b), start, start + count))
        panic("buddy_free: some of these units are free already");
    free_range(in(b), start, start + count);
}
