#pragma once

#include <stddef.h>

// A buddy allocator for runs of units.
//
// It hands out numbers, not memory: a unit is a number from 0 to units - 1, and the caller decides
// what it stands for (a physical frame, a page of an address space). The allocator never touches
// what it manages; all it remembers is in the state that the caller provides.
//
// Words used below
//   block        2^k consecutive units, the first of them a multiple of 2^k. k is its order.
//   buddies      the two blocks of order k that make up one block of order k + 1.
//   coalescing   joining two free buddies into the block they make up.
//
// The invariant, true whenever no call is under way: the free blocks are the maximal ones. No two
// free blocks are buddies, whatever was allocated and freed before. (If units 0 to 12 are free and
// no others, the free blocks are 0-7, 8-11 and 12.)

constexpr size_t buddy_max_units = size_t{1} << 20;

// Only these two: what the state looks like inside (bitmaps, lists, a tree …) is up to buddy.cpp.
struct buddy {
    size_t units; // how many units are managed: 1 to buddy_max_units
    void *state;  // buddy_state_size(units) bytes
};

// The number of bytes of state that an allocator of `units` units needs. At most 16 a unit + 4096.
//   units    1 to buddy_max_units
size_t buddy_state_size(size_t units);

// Makes *b an allocator of `units` units, all of them allocated: nothing can be had from it before
// something is freed. From then on b->units is `units` and b->state is `state`: callers read them.
// May take time proportional to `units`.
//   units    1 to buddy_max_units
//   state    buddy_state_size(units) bytes, aligned to 16, of any content. They belong to the
//            allocator from now on.
void buddy_init(buddy *b, size_t units, void *state);

// Allocates between `min` and `max` consecutive units. Returns how many, and writes the first of
// them to *start.
//   - If a free block has `max` units or more: takes the smallest such block, keeps its first
//     `max` units and frees the rest of it again. Returns `max`.
//   - If not: takes the whole of the largest free block, if it has `min` units or more, and
//     returns its size.
//   - If not: returns 0, and leaves *start and the allocator as they were.
// Among blocks of the same size any choice is right. A `min` of 0 counts as 1. If `max` is 0, or
// `min` is greater than `max`, it returns 0. `max` may exceed the number of units there are.
// Takes time O(log units), plus that of freeing the rest of the block.
size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start);

// Makes the units from `start` to `start + count - 1` available, and coalesces.
//   - Any allocated units may be freed, in any portions: not only a run that buddy_alloc returned,
//     but a part of one, several together, or units never handed out. No length or alignment is
//     asked for.
//   - A count of 0 does nothing, whatever `start` is.
//   - Panics if any of the units is free already, or does not exist. Then nothing is changed.
// Takes time O(log units + count), the check included.
void buddy_free(buddy *b, size_t start, size_t count);
