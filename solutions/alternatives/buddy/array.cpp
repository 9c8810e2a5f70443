// A correct buddy allocator of another design than the reference: a binary tree in an array.
//
// Node 1 stands for all units, padded to a power of two; nodes 2i and 2i + 1 for the halves of node
// i. Each node holds the set of orders of the free blocks below it (bit k: one of 2^k units is
// there). A node that is a free block itself holds its own order alone, and nodes below it nothing.

#include "mm/buddy.h"

#include "lib/panic.h"

#include <bit>
#include <stdint.h>

namespace {

struct node {
    size_t number;
    size_t start;
    unsigned order;

    node left() const { return {2 * number, start, order - 1}; }
    node right() const { return {2 * number + 1, start + end_of_half(), order - 1}; }
    size_t end() const { return start + (size_t{1} << order); }
    uint32_t whole() const { return uint32_t{1} << order; }

private:
    size_t end_of_half() const { return size_t{1} << (order - 1); }
};

uint32_t *tree(buddy *b)
{
    return static_cast<uint32_t *>(b->state);
}

node root(buddy *b)
{
    return {1, 0, static_cast<unsigned>(std::bit_width(b->units - 1))};
}

bool any_free(const uint32_t *orders, node n, size_t start, size_t end)
{
    if (end <= n.start || n.end() <= start || !orders[n.number])
        return false;
    if ((start <= n.start && n.end() <= end) || orders[n.number] == n.whole())
        return true;
    return any_free(orders, n.left(), start, end) || any_free(orders, n.right(), start, end);
}

void join(uint32_t *orders, node n)
{
    uint32_t &left = orders[2 * n.number], &right = orders[2 * n.number + 1];
    if (left == n.whole() / 2 && right == n.whole() / 2) {
        left = right = 0;
        orders[n.number] = n.whole();
    } else {
        orders[n.number] = left | right;
    }
}

void make_free(uint32_t *orders, node n, size_t start, size_t end)
{
    if (end <= n.start || n.end() <= start)
        return;
    if (start <= n.start && n.end() <= end) {
        orders[n.number] = n.whole();
        return;
    }
    make_free(orders, n.left(), start, end);
    make_free(orders, n.right(), start, end);
    join(orders, n);
}

// Takes a free block of that order, of which there is one below n, and returns its first unit.
size_t take(uint32_t *orders, node n, unsigned order)
{
    if (n.order == order) {
        orders[n.number] = 0;
        return n.start;
    }
    bool on_the_left = orders[2 * n.number] >> order & 1;
    size_t start = take(orders, on_the_left ? n.left() : n.right(), order);
    join(orders, n);
    return start;
}

} // namespace

size_t buddy_state_size(size_t units)
{
    return 2 * std::bit_ceil(units) * sizeof(uint32_t);
}

void buddy_init(buddy *b, size_t units, void *state)
{
    *b = {units, state};
    for (size_t i = 0; i < 2 * std::bit_ceil(units); i++)
        tree(b)[i] = 0;
}

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    uint32_t free_orders = tree(b)[1];
    if (max == 0 || min > max || free_orders == 0)
        return 0;
    size_t largest = std::bit_floor(free_orders);
    if (largest < max) {
        if (largest < min)
            return 0;
        max = largest;
    }
    unsigned sufficient = std::bit_width(max - 1);
    unsigned order = std::countr_zero(free_orders >> sufficient) + sufficient;
    *start = take(tree(b), root(b), order);
    make_free(tree(b), root(b), *start + max, *start + (size_t{1} << order));
    return max;
}

void buddy_free(buddy *b, size_t start, size_t count)
{
    if (count == 0)
        return;
    if (count > b->units || start > b->units - count)
        panic("there are only %zu units", b->units);
    if (any_free(tree(b), root(b), start, start + count))
        panic("free already");
    make_free(tree(b), root(b), start, start + count);
}
