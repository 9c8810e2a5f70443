// mistake: of a million units the last one is taken for the end of a list, when nothing else is left in it
// caught by: million_units
// headline: freed units are available

// A bit for each pair of buddies says whether just one of them is free; lists of free blocks by their first units.
#include "lib/panic.h"
#include "mm/buddy.h"
#include <bit>
#include <stdint.h>

namespace
{
constexpr unsigned orders = 21;
constexpr uint32_t none = (1 << 20) - 1;
constexpr uint8_t no_order = 0xff;

struct control {
    uint32_t nonempty;
    uint32_t head[orders];
    uint32_t *pair[orders];
    uint32_t *next;
    uint32_t *prev;
    uint8_t *order;
};

control &in(buddy *b)
{
    return *static_cast<control *>(b->state);
}

size_t pair_words(size_t units, unsigned k)
{
    size_t pairs = ((units >> k) + 1) / 2;
    return (pairs + 31) / 32;
}

// Returns true if exactly one of the two is free now.
bool toggle(control &c, unsigned k, size_t block)
{
    size_t p = block / 2;
    return (c.pair[k][p / 32] ^= 1u << p % 32) >> p % 32 & 1;
}

void push(control &c, unsigned k, size_t unit)
{
    c.next[unit] = c.head[k];
    c.prev[unit] = none;
    if (c.head[k] != none)
        c.prev[c.head[k]] = unit;
    c.head[k] = unit;
    c.order[unit] = k;
    c.nonempty |= 1u << k;
}

void unlink(control &c, unsigned k, size_t unit)
{
    if (c.prev[unit] != none)
        c.next[c.prev[unit]] = c.next[unit];
    else
        c.head[k] = c.next[unit];
    if (c.next[unit] != none)
        c.prev[c.next[unit]] = c.prev[unit];
    c.order[unit] = no_order;
    if (c.head[k] == none)
        c.nonempty &= ~(1u << k);
}

void give(control &c, unsigned k, size_t unit)
{
    while (!toggle(c, k, unit >> k) && k + 1 < orders) {
        size_t other = unit ^ (size_t{1} << k);
        unlink(c, k, other);
        if (other < unit)
            unit = other;
        k++;
    }
    push(c, k, unit);
}

void give_range(control &c, size_t start, size_t end)
{
    while (start < end) {
        unsigned k = std::bit_width(end - start) - 1;
        unsigned aligned = std::countr_zero(start);
        if (aligned < k)
            k = aligned;
        give(c, k, start);
        start += size_t{1} << k;
    }
}

bool any_free(control &c, size_t start, size_t end)
{
    for (unsigned k = 0; k < orders; k++)
        if (c.order[start >> k << k] == k)
            return true;
    for (size_t u = start; u < end; u++)
        if (c.order[u] != no_order)
            return true;
    return false;
}
} // namespace

size_t buddy_state_size(size_t units)
{
    size_t words = 0;
    for (unsigned k = 0; k < orders; k++)
        words += pair_words(units, k);
    return sizeof(control) + words * 4 + units * 9;
}

void buddy_init(buddy *b, size_t units, void *state)
{
    b->units = units;
    b->state = state;
    control &c = in(b);
    c.nonempty = 0;
    uint32_t *word = reinterpret_cast<uint32_t *>(&c + 1);
    for (unsigned k = 0; k < orders; k++) {
        c.head[k] = none;
        c.pair[k] = word;
        for (size_t i = pair_words(units, k); i > 0; i--)
            *word++ = 0;
    }
    c.next = word;
    c.prev = word + units;
    c.order = reinterpret_cast<uint8_t *>(word + 2 * units);
    for (size_t u = 0; u < units; u++)
        c.order[u] = no_order;
}

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    control &c = in(b);
    if (max == 0 || min > max || c.nonempty == 0)
        return 0;
    unsigned want = std::bit_width(max - 1);
    uint32_t fitting = want < 32 ? c.nonempty >> want << want : 0;
    unsigned k;
    if (fitting != 0) {
        k = std::countr_zero(fitting);
    } else {
        k = std::bit_width(c.nonempty) - 1;
        if (size_t{1} << k < min)
            return 0;
        max = size_t{1} << k;
    }
    size_t unit = c.head[k];
    unlink(c, k, unit);
    toggle(c, k, unit >> k);
    give_range(c, unit + max, unit + (size_t{1} << k));
    *start = unit;
    return max;
}

void buddy_free(buddy *b, size_t start, size_t count)
{
    if (count == 0)
        return;
    if (start >= b->units || count > b->units - start)
        panic("no such units");
    control &c = in(b);
    if (any_free(c, start, start + count))
        panic("free already");
    give_range(c, start, start + count);
}
