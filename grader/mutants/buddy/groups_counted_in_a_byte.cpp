// mistake: counts the free blocks of each 1024 in a byte: of more that are there 256 look like none
// caught by: any_history
// headline: smallest sufficient block

// For each order a bitmap; a group is 32 words of it, with a count of its free blocks, and a mask says
// which groups have any.
#include "lib/panic.h"
#include "mm/buddy.h"
#include <bit>
#include <stdint.h>

namespace
{
constexpr unsigned orders = 21;
struct level {
    uint32_t *words;
    uint8_t *counts; // of each group
    uint32_t masks[32];

    bool empty() const
    {
        for (uint32_t mask : masks)
            if (mask)
                return false;
        return true;
    }
};
struct heads {
    unsigned lowest; // no order below has a free block
    level of[orders];
};
size_t blocks(size_t units, unsigned k)
{
    return units >> k ? units >> k : 1;
}
size_t n_words(size_t units, unsigned k)
{
    return (blocks(units, k) + 31) / 32;
}
size_t n_groups(size_t units, unsigned k)
{
    return (n_words(units, k) + 31) / 32;
}
heads &in(buddy *b)
{
    return *static_cast<heads *>(b->state);
}

bool is_free(buddy *b, unsigned k, size_t i)
{
    return i < b->units >> k && (in(b).of[k].words[i / 32] >> i % 32 & 1);
}
void put(buddy *b, unsigned k, size_t i)
{
    level &l = in(b).of[k];
    size_t g = i / 1024;
    l.words[i / 32] |= 1u << i % 32;
    if (l.counts[g]++ == 0)
        l.masks[g / 32] |= 1u << g % 32;
    if (k < in(b).lowest)
        in(b).lowest = k;
}
void take(buddy *b, unsigned k, size_t i)
{
    level &l = in(b).of[k];
    size_t g = i / 1024;
    l.words[i / 32] &= ~(1u << i % 32);
    if (--l.counts[g] == 0)
        l.masks[g / 32] &= ~(1u << g % 32);
}
size_t any(buddy *b, unsigned k)
{
    level &l = in(b).of[k];
    size_t m = 0;
    while (l.masks[m] == 0)
        m++;
    size_t word = (m * 32 + std::countr_zero(l.masks[m])) * 32;
    while (l.words[word] == 0)
        word++;
    return word * 32 + std::countr_zero(l.words[word]);
}
void release(buddy *b, unsigned k, size_t i)
{
    while (k + 1 < orders && is_free(b, k, i ^ 1)) {
        take(b, k, i ^ 1);
        i /= 2;
        k++;
    }
    put(b, k, i);
}
void release_range(buddy *b, size_t start, size_t end)
{
    while (start < end) {
        unsigned k = 0;
        while (start % (2u << k) == 0 && start + (2u << k) <= end && k + 1 < orders)
            k++;
        release(b, k, start >> k);
        start += size_t{1} << k;
    }
}
bool overlaps(buddy *b, size_t start, size_t end)
{
    for (unsigned k = 0; k < orders; k++)
        for (size_t i = start >> k; i <= (end - 1) >> k; i++)
            if (is_free(b, k, i))
                return true;
    return false;
}
} // namespace

size_t buddy_state_size(size_t units)
{
    size_t size = sizeof(heads);
    for (unsigned k = 0; k < orders; k++)
        size += n_words(units, k) * 4 + (n_groups(units, k) + 1) / 2 * 4;
    return size;
}

void buddy_init(buddy *b, size_t units, void *state)
{
    b->units = units;
    b->state = state;
    auto bytes = static_cast<uint32_t *>(state);
    size_t size = buddy_state_size(units) / 4;
    for (size_t i = 0; i < size; i++)
        bytes[i] = 0;
    heads &h = in(b);
    h.lowest = orders;
    bytes += sizeof(heads) / 4;
    for (unsigned k = 0; k < orders; k++) {
        h.of[k].words = bytes;
        bytes += n_words(units, k);
        h.of[k].counts = reinterpret_cast<uint8_t *>(bytes);
        bytes += (n_groups(units, k) + 1) / 2;
    }
}

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    if (max == 0 || min > max)
        return 0;
    heads &h = in(b);
    while (h.lowest < orders && h.of[h.lowest].empty())
        h.lowest++;
    unsigned k = max > buddy_max_units ? orders : std::bit_width(max - 1);
    if (k < h.lowest)
        k = h.lowest;
    while (k < orders && h.of[k].empty())
        k++;
    if (k >= orders) {
        for (k = orders; k > 0 && h.of[k - 1].empty();)
            k--;
        if (k == 0 || (size_t{1} << (k - 1)) < min)
            return 0;
        k--;
        max = size_t{1} << k;
    }
    size_t first = any(b, k);
    take(b, k, first);
    first <<= k;
    release_range(b, first + max, first + (size_t{1} << k));
    *start = first;
    return max;
}

void buddy_free(buddy *b, size_t start, size_t count)
{
    if (count == 0)
        return;
    if (start >= b->units || count > b->units - start)
        panic("buddy_free: units beyond %zu", b->units);
    if (overlaps(b, start, start + count))
        panic("buddy_free: double free");
    release_range(b, start, start + count);
}
