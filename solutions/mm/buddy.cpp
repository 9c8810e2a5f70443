// The buddy allocator, on chained bit words.
//
//   chains[k] -.          ,-------------------------.----------------------.   for each order k
//              v          v                         v                      v
//          +------+  +----------+  +----------+  +----------+  +----------+
//          | head |  | 01000110 |  | 00000000 |  | 00010000 |  | 10000000 |   a bit for each block:
//          +------+  +----------+  +----------+  +----------+  +----------+   set if it is free
//           word 0      word 1        word 2        word 3        word 4
//                     blocks 0-31     32-63         64-95        96-127
//
//   sizes      a bit for each order: is any block of it free?
//   free_map   a bit for each unit: is it free, in a block of whatever order?
//   taken      a bit for each granule of 1024 units: see mark_allocated().
//
// The words with any bit set are chained, so a free block is found in three steps: an order in
// `sizes`, the first word of its chain, a bit of that word. Two buddies are neighbours in one word.
// The map is there so that freeing a unit twice is noticed at once.
//
// Where a function is `inline` or a branch taken `rarely`, counting instructions said so.

#include "mm/buddy.h"

#include <bit>
#include <stdint.h>

#include "lib/panic.h"

namespace
{
constexpr unsigned orders = std::bit_width(buddy_max_units);
constexpr size_t granule = 1024;
constexpr uint32_t all_bits = ~uint32_t{0};

struct bit_word {
    uint32_t blocks;
    uint16_t next, previous; // in the chain: numbers of words of the same order, 0 for the head
};

struct buddy_state {
    uint32_t sizes; // all sizes of free blocks, added up: bit k is set if one has 2^k units
    bit_word *chains[orders];
    uint32_t *free_map;
    uint32_t *taken;
};

// Has the compiler lay out the code for `condition` being false.
inline bool rarely(bool condition)
{
    return __builtin_expect(condition, false);
}

// ---- Bits ----

constexpr uint32_t bit(size_t i)
{
    return uint32_t{1} << i % 32;
}

constexpr size_t words_for(size_t bits)
{
    return (bits + 31) / 32;
}

// Not std::countr_zero and std::bit_width, which have to test for n == 0. Here n must not be 0.
inline unsigned lowest_bit(uint32_t n)
{
    return __builtin_ctz(n);
}

inline unsigned highest_bit(uint32_t n)
{
    return 31 ^ __builtin_clz(n);
}

// The bits from i % 32 on: `count` of them, which the word has room for.
constexpr uint32_t bits_from(size_t i, size_t count)
{
    return all_bits >> (32 - count) << i % 32;
}

// Calls visit(word, mask) for each word that holds any of the bits from `start` to `end` - 1 (there
// must be some); `mask` tells which of the word's bits they are. Stops when visit returns false.
template <typename Visitor>
inline bool visit_words(uint32_t *bits, size_t start, size_t end, Visitor visit)
{
    uint32_t *word = bits + start / 32;
    uint32_t *last = bits + (end - 1) / 32;
    uint32_t mask = all_bits << start % 32;
    for (; rarely(word != last); word++) {
        if (!visit(*word, mask))
            return false;
        mask = all_bits;
    }
    return visit(*word, mask & all_bits >> -end % 32);
}

inline void set_bits(uint32_t *bits, size_t start, size_t end)
{
    visit_words(bits, start, end, [](uint32_t &word, uint32_t mask) { return word |= mask, true; });
}

inline void clear_bits(uint32_t *bits, size_t start, size_t end)
{
    visit_words(bits, start, end,
                [](uint32_t &word, uint32_t mask) { return word &= ~mask, true; });
}

// ---- The map of free units ----

constexpr size_t granules(size_t units)
{
    return (units + granule - 1) / granule;
}

// Clearing a bit for each unit of a large block would take too long. So a granule that is allocated
// as a whole is only noted in `taken`: its units still look free in the map, which is put right
// when one of them is freed. No more than 32 words of each change, however large the block.
inline void mark_allocated(buddy_state &s, size_t start, size_t count)
{
    if (!rarely(count > 32)) { // the first units of a block, which is aligned: they share a word
        s.free_map[start / 32] &= ~bits_from(start, count);
        return;
    }
    size_t end = start + count;
    if (count >= granule) {
        size_t rest = end - end % granule;
        set_bits(s.taken, start / granule, rest / granule);
        if (rest == end)
            return;
        start = rest;
    }
    clear_bits(s.free_map, start, end);
}

// Returns false if the granule was not taken: its units are free where the map says so.
bool settle_granule(buddy_state &s, size_t g)
{
    if (!(s.taken[g / 32] & bit(g)))
        return false;
    s.taken[g / 32] &= ~bit(g);
    clear_bits(s.free_map, g * granule, (g + 1) * granule);
    return true;
}

// Returns false, and changes nothing, if any of the units is free already.
inline bool mark_free(buddy_state &s, size_t start, size_t count)
{
    if (!rarely(start % 32 + count > 32)) { // they share a word
        uint32_t &word = s.free_map[start / 32];
        uint32_t units = bits_from(start, count);
        if (!rarely(word & units)) {
            word |= units;
            return true;
        }
    }
    return visit_words(s.free_map, start, start + count, [&](uint32_t &word, uint32_t mask) {
        size_t first = (&word - s.free_map) * 32;
        if (rarely(word & mask) && !settle_granule(s, first / granule)) {
            if (start < first)
                clear_bits(s.free_map, start, first); // what was set on the way here
            return false;
        }
        word |= mask;
        return true;
    });
}

// ---- The free blocks of each order ----
// `block` numbers the blocks of one order: block b of order k begins at unit b << k.

constexpr size_t word_of(size_t block)
{
    return 1 + block / 32;
}

inline void link_word(buddy_state &s, unsigned order, size_t i)
{
    bit_word *words = s.chains[order];
    uint16_t first = words[0].next;
    words[i].next = first;
    words[i].previous = 0;
    words[first].previous = i;
    words[0].next = i;
    s.sizes |= bit(order);
}

inline void unlink_word(buddy_state &s, unsigned order, size_t i)
{
    bit_word *words = s.chains[order];
    uint16_t next = words[i].next;
    uint16_t previous = words[i].previous;
    words[next].previous = previous;
    words[previous].next = next;
    if (words[0].next == 0)
        s.sizes &= ~bit(order);
}

inline void add_block(buddy_state &s, unsigned order, size_t block)
{
    bit_word &word = s.chains[order][word_of(block)];
    uint32_t others = word.blocks;
    word.blocks = others | bit(block);
    if (!others)
        link_word(s, order, word_of(block));
}

inline bool remove_block(buddy_state &s, unsigned order, size_t block)
{
    bit_word &word = s.chains[order][word_of(block)];
    if (!(word.blocks & bit(block)))
        return false;
    word.blocks &= ~bit(block);
    if (!word.blocks)
        unlink_word(s, order, word_of(block));
    return true;
}

inline size_t remove_any_block(buddy_state &s, unsigned order)
{
    size_t i = s.chains[order][0].next;
    bit_word &word = s.chains[order][i];
    size_t block = (i - 1) * 32 + lowest_bit(word.blocks);
    word.blocks &= word.blocks - 1;
    if (!word.blocks)
        unlink_word(s, order, i);
    return block;
}

// Coalesces. Most words are empty, and can be told to hold no free buddy at a glance.
inline void free_block(buddy_state &s, unsigned order, size_t block)
{
    while (s.chains[order][word_of(block)].blocks && rarely(remove_block(s, order, block ^ 1))) {
        block /= 2;
        order++;
    }
    add_block(s, order, block);
}

// The order of the largest block that begins at `start` and has at most `count` units.
inline unsigned largest_order(size_t start, size_t count)
{
    unsigned aligned = lowest_bit(start | buddy_max_units);
    unsigned fitting = highest_bit(count);
    return aligned < fitting ? aligned : fitting;
}
} // namespace

size_t buddy_state_size(size_t units)
{
    size_t size = sizeof(buddy_state);
    for (unsigned order = 0; order < orders; order++)
        size += (1 + words_for(units >> order)) * sizeof(bit_word);
    return size + (words_for(units) + words_for(granules(units))) * sizeof(uint32_t);
}

void buddy_init(buddy *b, size_t units, void *state)
{
    if (reinterpret_cast<uintptr_t>(state) % 16 != 0)
        panic("buddy_init: the state lies at %p, which is no multiple of 16", state);
    *b = {units, state};
    buddy_state &s = *static_cast<buddy_state *>(state);
    s.sizes = 0;
    bit_word *word = reinterpret_cast<bit_word *>(&s + 1);
    for (unsigned order = 0; order < orders; order++) {
        s.chains[order] = word;
        for (size_t i = 0; i < 1 + words_for(units >> order); i++)
            *word++ = {};
    }
    s.free_map = reinterpret_cast<uint32_t *>(word);
    s.taken = s.free_map + words_for(units);
    for (uint32_t *p = s.free_map; p != s.taken + words_for(granules(units)); p++)
        *p = 0;
}

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    if (max > b->units)
        max = b->units; // no block is larger
    if (min > max)
        return 0;
    buddy_state &s = *static_cast<buddy_state *>(b->state);
    uint32_t candidates = s.sizes & all_bits << highest_bit(2 * max - 1); // sizes from max upwards
    if (rarely(!candidates)) { // also of max = 0: 2 * 0 - 1 is the largest number there is
        if (max == 0)
            return 0;
        candidates = max = std::bit_floor(s.sizes); // the largest size, or 0
        if (max == 0 || max < min)
            return 0;
    }
    unsigned order = lowest_bit(candidates);
    size_t first = remove_any_block(s, order) << order;
    // Free the rest, in blocks as large as their beginnings are aligned. None has a free buddy.
    for (size_t used = max; rarely(used >> order == 0); used += used & -used) {
        unsigned k = lowest_bit(used);
        add_block(s, k, (first + used) >> k);
    }
    mark_allocated(s, first, max);
    *start = first;
    return max;
}

void buddy_free(buddy *b, size_t start, size_t count)
{
    if (count == 0)
        return;
    if (count > b->units || start > b->units - count)
        panic("buddy_free(%zu, %zu): there are only %zu units", start, count, b->units);
    buddy_state &s = *static_cast<buddy_state *>(b->state);
    if (!mark_free(s, start, count))
        panic("buddy_free(%zu, %zu): some of these units are free already", start, count);
    do {
        unsigned order = largest_order(start, count);
        size_t size = size_t{1} << order;
        free_block(s, order, start >> order);
        start += size;
        count -= size;
    } while (rarely(count));
}
