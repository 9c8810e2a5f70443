// Any block of the right size: for each order a bag of free blocks, from which one is drawn by lot.

#include "mm/buddy.h"

#include "lib/panic.h"

#include <algorithm>
#include <bit>
#include <stdint.h>

namespace
{

constexpr unsigned orders = std::bit_width(buddy_max_units);
constexpr uint32_t nowhere = UINT32_MAX;

// The free blocks of one order, in no order, and where in the bag each block is.
struct bag {
    uint32_t *blocks;
    uint32_t *places;
    size_t count;
    size_t capacity;

    bool has(size_t block) const { return block < capacity && places[block] != nowhere; }

    void put(size_t block)
    {
        blocks[count] = block;
        places[block] = count++;
    }

    void take(size_t block)
    {
        uint32_t last = blocks[--count];
        blocks[places[block]] = last;
        places[last] = places[block];
        places[block] = nowhere;
    }
};

struct bags {
    bag of[orders];
    uint32_t dice; // xorshift
};

bags &in(const buddy *b)
{
    return *static_cast<bags *>(b->state);
}

size_t draw(bags &s, unsigned order)
{
    s.dice ^= s.dice << 13;
    s.dice ^= s.dice >> 17;
    s.dice ^= s.dice << 5;
    bag &bag = s.of[order];
    size_t block = bag.blocks[s.dice % bag.count];
    bag.take(block);
    return block;
}

void free_range(bags &s, size_t start, size_t end)
{
    while (start < end) {
        unsigned order = std::bit_width(end - start) - 1;
        if (start != 0)
            order = std::min<unsigned>(order, std::countr_zero(start));
        size_t block = start >> order;
        start += size_t{1} << order;
        for (; s.of[order].has(block ^ 1); block /= 2)
            s.of[order++].take(block ^ 1);
        s.of[order].put(block);
    }
}

bool any_free(const bags &s, size_t start, size_t end)
{
    for (unsigned order = 0; order < orders; order++)
        for (size_t block = start >> order; block <= (end - 1) >> order; block++)
            if (s.of[order].has(block))
                return true;
    return false;
}

} // namespace

size_t buddy_state_size(size_t units)
{
    size_t size = sizeof(bags);
    for (unsigned order = 0; order < orders; order++)
        size += 2 * (units >> order) * sizeof(uint32_t);
    return size;
}

void buddy_init(buddy *b, size_t units, void *state)
{
    size_t size = buddy_state_size(units);
    for (size_t i = 0; i < size; i++)
        static_cast<char *>(state)[i] = 0;
    *b = {units, state};
    auto memory = reinterpret_cast<uint32_t *>(&in(b) + 1);
    for (unsigned order = 0; order < orders; order++) {
        size_t capacity = units >> order;
        in(b).of[order] = {memory, memory + capacity, 0, capacity};
        std::fill_n(memory + capacity, capacity, nowhere);
        memory += 2 * capacity;
    }
    in(b).dice = 2463534242;
}

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    bags &s = in(b);
    unsigned largest = orders;
    while (largest > 0 && s.of[largest - 1].count == 0)
        largest--;
    if (max == 0 || min > max || largest == 0)
        return 0;
    size_t most = size_t{1} << (largest - 1);
    if (most < min)
        return 0;
    max = std::min(max, most);
    unsigned order = std::bit_width(max - 1);
    while (s.of[order].count == 0)
        order++;
    size_t first = draw(s, order) << order;
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
