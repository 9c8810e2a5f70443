// mistake: takes the block that came free last, if it is large enough, for requests of more than 1024 units
// caught by: million_units
// headline: smallest sufficient block

// One search tree of all free blocks, sorted by order and then by start. Its shape is that of a treap, with the
// hash of a block as its priority.
#include "mm/buddy.h"

#include "lib/panic.h"
#include "lib/string.h"

#include <bit>
#include <stdint.h>

namespace
{

constexpr uint32_t nil = 0xffffffff;

struct node {
    uint32_t left;
    uint32_t right;
};

struct root_record {
    uint32_t root;
    uint32_t padding[3];
};

class free_set
{
public:
    explicit free_set(buddy *b)
        : record(static_cast<root_record *>(b->state)), nodes(reinterpret_cast<node *>(record + 1)),
          order_of(reinterpret_cast<uint8_t *>(nodes + b->units)), units(b->units)
    {
    }

    void clear()
    {
        record->root = nil;
        memset(order_of, 0, units);
    }

    bool has(size_t unit, unsigned order) const
    {
        return unit < units && order_of[unit] == order + 1;
    }
    bool begins(size_t unit) const { return order_of[unit] != 0; }
    unsigned order_at(size_t unit) const { return order_of[unit] - 1; }

    void insert(uint32_t unit, unsigned order)
    {
        order_of[unit] = order + 1;
        nodes[unit] = {nil, nil};
        uint32_t *link = &record->root;
        while (*link != nil && priority(*link) >= priority(unit))
            link = key(unit) < key(*link) ? &nodes[*link].left : &nodes[*link].right;
        uint32_t rest = *link;
        *link = unit;
        uint32_t *low = &nodes[unit].left;
        uint32_t *high = &nodes[unit].right;
        while (rest != nil) {
            if (key(rest) < key(unit)) {
                *low = rest;
                low = &nodes[rest].right;
                rest = *low;
            } else {
                *high = rest;
                high = &nodes[rest].left;
                rest = *high;
            }
        }
        *low = nil;
        *high = nil;
    }

    void erase(uint32_t unit)
    {
        uint32_t *link = &record->root;
        while (*link != unit)
            link = key(unit) < key(*link) ? &nodes[*link].left : &nodes[*link].right;
        uint32_t a = nodes[unit].left;
        uint32_t c = nodes[unit].right;
        while (a != nil && c != nil) {
            if (priority(a) >= priority(c)) {
                *link = a;
                link = &nodes[a].right;
                a = *link;
            } else {
                *link = c;
                link = &nodes[c].left;
                c = *link;
            }
        }
        *link = a != nil ? a : c;
        order_of[unit] = 0;
    }

    // The smallest block of at least this order.
    uint32_t at_least(unsigned order) const
    {
        uint32_t best = nil;
        for (uint32_t at = record->root; at != nil;)
            if (order_at(at) >= order) {
                best = at;
                at = nodes[at].left;
            } else {
                at = nodes[at].right;
            }
        return best;
    }

    uint32_t largest() const
    {
        uint32_t at = record->root;
        while (at != nil && nodes[at].right != nil)
            at = nodes[at].right;
        return at;
    }

private:
    uint32_t key(uint32_t unit) const { return uint32_t(order_of[unit]) << 20 | unit; }
    static uint32_t priority(uint32_t unit)
    {
        uint32_t x = unit * 0x9e3779b1u;
        x ^= x >> 15;
        return x * 0x85ebca6bu;
    }

    root_record *record;
    node *nodes;
    uint8_t *order_of;
    size_t units;
};

uint32_t last_freed = nil;

void release(free_set &set, size_t unit, unsigned order)
{
    while (order < 20 && set.has(unit ^ (size_t{1} << order), order)) {
        set.erase(unit ^ (size_t{1} << order));
        unit &= ~(size_t{1} << order);
        ++order;
    }
    set.insert(unit, order);
    last_freed = unit;
}

void release_range(free_set &set, size_t from, size_t count)
{
    while (count != 0) {
        size_t size = std::bit_floor(count);
        while (from & (size - 1))
            size /= 2;
        release(set, from, std::countr_zero(size));
        from += size;
        count -= size;
    }
}

} // namespace

size_t buddy_state_size(size_t units)
{
    return sizeof(root_record) + units * (sizeof(node) + 1);
}

void buddy_init(buddy *b, size_t units, void *state)
{
    b->units = units;
    b->state = state;
    free_set(b).clear();
}

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    if (max == 0 || min > max)
        return 0;
    free_set set(b);
    uint32_t unit = max > b->units ? nil : set.at_least(std::bit_width(max - 1));
    if (unit != nil && last_freed < b->units && set.begins(last_freed) && max > 1024 &&
        size_t{1} << set.order_at(last_freed) >= max)
        unit = last_freed;
    if (unit != nil) {
        size_t size = size_t{1} << set.order_at(unit);
        set.erase(unit);
        release_range(set, unit + max, size - max);
        *start = unit;
        return max;
    }
    unit = set.largest();
    if (unit == nil || size_t{1} << set.order_at(unit) < min)
        return 0;
    size_t size = size_t{1} << set.order_at(unit);
    set.erase(unit);
    *start = unit;
    return size;
}

void buddy_free(buddy *b, size_t start, size_t count)
{
    if (count == 0)
        return;
    if (start >= b->units || b->units - start < count)
        panic("buddy_free: there are %zu units", b->units);
    free_set set(b);
    for (unsigned order = 0; order <= 20; ++order) {
        size_t block = start >> order << order;
        if (set.begins(block) && set.order_at(block) >= order)
            panic("buddy_free: unit %zu is free", start);
    }
    for (size_t unit = start; unit < start + count; ++unit)
        if (set.begins(unit))
            panic("buddy_free: unit %zu is free", unit);
    release_range(set, start, count);
}
