// Another style, between the two families: blocks of all sizes side by side, with boundary tags;
// but joined only when it has to be (deferred coalescing: Knuth's 2.5, exercise 4; Lea's fast
// bins).
//
//     | Arena | tag  block | tag  free block  size | tag  block | tag  rest ...  | END |
//
// An arena is what one kvmalloc gave. A tag of 4 bytes in front of each block has its size, from
// tag to tag, and what it is. A block begins at a multiple of 16, right behind its tag.
//
// A freed block of up to 2 KiB goes as it is to the list of its size, and the next request of this
// size takes it from there. When many have gathered, and pages would be needed, they are joined
// with their free neighbours, and sorted into bins. Small blocks are cut from the front of what is
// free, others from its back: small ones, which may live long, don't come to lie between large
// ones.
//
// A request that nearly fills whole pages gets pages of its own, at a multiple of 4096. How many
// they are stands in a table for each 512 KiB of addresses, which is a block like others.
#include "mm/malloc.h"

#include "lib/panic.h"
#include "lib/string.h"
#include "mm/kvmalloc.h"

#include <bit>
#include <stdint.h>
#include <utility>

namespace
{

constexpr size_t page_size = 4096;
constexpr size_t alignment = 16;
constexpr size_t largest_quick = 2048; // sizes of blocks, tag included
constexpr size_t largest_in_front = 256;
constexpr size_t max_kept = 16;  // pages, once everything has been freed
constexpr size_t max_spares = 4; // empty arenas of one page
constexpr size_t largest_size = SIZE_MAX - 2 * page_size;

enum : uint32_t {
    USED = 1,        // not to be joined with: live, in a quick list, or the rest
    QUICK = 2,       // in a quick list
    BEHIND_FREE = 4, // the block before is free, and its last four bytes are its size
    END = 8,         // no block, but the end of an arena of this size
    FLAGS = 15,
};

struct Arena {
    Arena *next, *prev;
    uint32_t n_pages;
};

struct Block {
    Block *next, *prev; // if it is free; of a quick one only next

    uint32_t &tag() { return reinterpret_cast<uint32_t *>(this)[-1]; }
    uint32_t &size_before() { return reinterpret_cast<uint32_t *>(this)[-2]; }
    size_t size() { return tag() & ~FLAGS; }
    Block *at(size_t distance)
    {
        return reinterpret_cast<Block *>(reinterpret_cast<uintptr_t>(this) + distance);
    }
    Block *after() { return at(size()); }
};

struct Table { // of the blocks that are whole pages
    size_t n_blocks;
    uint32_t n_pages[128];
};

constexpr size_t rounded_up(size_t size)
{
    return (size + alignment - 1) / alignment * alignment;
}

constexpr size_t tag_size = sizeof(uint32_t);
constexpr size_t smallest = rounded_up(sizeof(Block) + 2 * tag_size);
constexpr size_t arena_start = rounded_up(sizeof(Arena) + tag_size); // to the first block
constexpr size_t table_pages = sizeof(Table::n_pages) / sizeof(uint32_t);

// Free blocks by size: below 512 bytes a bin for each, then 32 bins for each doubling.
constexpr size_t n_levels = 24, bins_per_level = 32, first_doubling = 512;
constinit Block *bins[n_levels][bins_per_level];
constinit uint32_t levels_in_use, bins_in_use[n_levels]; // a bit for each that is not empty

constinit Block *quick[largest_quick / alignment + 1];
constinit Block *rest; // small blocks are cut from it
constinit Arena *arenas;
constinit Table *tables[(uint64_t{1} << 32) / page_size / table_pages];
constinit size_t n_pages;         // of the arenas
constinit size_t n_spares;
constinit size_t n_live, n_taken; // blocks of arenas; those in quick lists are taken, too

struct Bin {
    size_t level, index;
};

Bin bin_of(size_t size)
{
    if (size < first_doubling)
        return {0, size / alignment};
    size_t log = std::bit_width(size) - 1;
    return {log - 8, (size >> (log - 5)) % bins_per_level};
}

void link(Block *block)
{
    auto [level, index] = bin_of(block->size());
    Block *&first = bins[level][index];
    block->prev = nullptr;
    block->next = first;
    if (first)
        first->prev = block;
    first = block;
    bins_in_use[level] |= 1u << index;
    levels_in_use |= 1u << level;
}

void unlink(Block *block)
{
    if (block->next)
        block->next->prev = block->prev;
    if (block->prev) {
        block->prev->next = block->next;
        return;
    }
    auto [level, index] = bin_of(block->size());
    bins[level][index] = block->next;
    if (!block->next && !(bins_in_use[level] &= ~(1u << index)))
        levels_in_use &= ~(1u << level);
}

// A block that is large enough: the first of its own bin, or that of the next.
Block *find(size_t size)
{
    auto [level, index] = bin_of(size);
    uint32_t from_here = bins_in_use[level] >> index;
    if (from_here & 1 && bins[level][index]->size() >= size)
        return bins[level][index];
    if (from_here >>= 1)
        return bins[level][index + 1 + std::countr_zero(from_here)];
    uint32_t higher = levels_in_use & ~1u << level;
    if (!higher)
        return nullptr;
    level = std::countr_zero(higher);
    return bins[level][std::countr_zero(bins_in_use[level])];
}

void make_free(Block *block, size_t size)
{
    block->tag() = size;
    Block *after = block->after();
    after->size_before() = size;
    after->tag() |= BEHIND_FREE;
    link(block);
}

bool fills_arena(Block *block)
{
    uint32_t end = block->after()->tag();
    return end & END && (end & ~FLAGS) == block->size() + arena_start;
}

Block *new_arena(size_t size)
{
    size_t n = (size + arena_start + page_size - 1) / page_size;
    auto arena = static_cast<Arena *>(kvmalloc(n));
    if (!arena)
        return nullptr;
    *arena = {arenas, nullptr, static_cast<uint32_t>(n)};
    if (arenas)
        arenas->prev = arena;
    arenas = arena;
    n_pages += n;
    n_spares += n == 1;
    auto block = reinterpret_cast<Block *>(reinterpret_cast<uintptr_t>(arena) + arena_start);
    size_t free_size = n * page_size - arena_start;
    block->at(free_size)->tag() = n * page_size | END | USED;
    make_free(block, free_size);
    return block;
}

void return_arena(Arena *arena)
{
    if (arena->next)
        arena->next->prev = arena->prev;
    (arena->prev ? arena->prev->next : arenas) = arena->next;
    n_pages -= arena->n_pages;
    kvfree(arena, arena->n_pages);
}

// Joins a block with its free neighbours.
void release(Block *block)
{
    block->tag() &= ~USED;
    size_t size = block->size();
    if (Block *after = block->after(); !(after->tag() & USED)) {
        unlink(after);
        size += after->size();
    }
    if (block->tag() & BEHIND_FREE) {
        block = block->at(-size_t{block->size_before()});
        unlink(block);
        size += block->size();
    }
    block->tag() = size;
    if (fills_arena(block)) {
        if (size > page_size || n_spares == max_spares)
            return return_arena(reinterpret_cast<Arena *>(block->at(-arena_start)));
        n_spares++;
    }
    make_free(block, size);
}

[[gnu::noinline]] void release_quick()
{
    if (rest)
        release(std::exchange(rest, nullptr));
    for (Block *&first : quick)
        while (Block *block = first) {
            first = block->next;
            release(block);
            n_taken--;
        }
}

// Nothing lives: that needs no joining.
[[gnu::noinline]] void begin_anew()
{
    while (arenas)
        return_arena(arenas);
    memset(quick, 0, sizeof quick);
    memset(bins, 0, sizeof bins);
    memset(bins_in_use, 0, sizeof bins_in_use);
    levels_in_use = 0;
    rest = nullptr;
    n_spares = n_taken = 0;
}

Block *find_or_obtain(size_t size)
{
    Block *block = find(size);
    if (!block && (n_taken - n_live) * 16 > n_live) {
        release_quick();
        block = find(size);
    }
    if (!block)
        block = new_arena(size);
    if (!block) {
        release_quick();
        block = find(size);
    }
    return block;
}

void take_out(Block *block)
{
    unlink(block);
    if (block->size() < page_size && fills_arena(block))
        n_spares--;
    block->tag() |= USED;
    block->after()->tag() &= ~BEHIND_FREE;
}

Block *cut_rest(size_t size)
{
    Block *block = rest;
    size_t left = block->size() - size;
    rest = nullptr;
    if (left >= smallest) {
        block->tag() = size | USED;
        rest = block->at(size);
        rest->tag() = left | USED;
    }
    return block;
}

Block *cut_back(Block *block, size_t size)
{
    size_t left = block->size() - size;
    if (left < smallest)
        return block;
    Block *back = block->at(left);
    back->tag() = size | USED;
    make_free(block, left);
    return back;
}

// A block of a size that no quick list has.
[[gnu::noinline]] void *allocate(size_t size)
{
    bool in_front = size <= largest_in_front;
    if (!in_front || !rest || rest->size() < size) {
        Block *block = find_or_obtain(size);
        if (!block)
            return nullptr;
        take_out(block);
        n_live++;
        n_taken++;
        if (!in_front)
            return cut_back(block, size);
        if (rest)
            release(rest);
        rest = block;
        return cut_rest(size);
    }
    n_live++;
    n_taken++;
    return cut_rest(size);
}

size_t pages_for(size_t size)
{
    return size / page_size + (size % page_size != 0);
}

Table *&table_of(void *address)
{
    return tables[reinterpret_cast<uintptr_t>(address) / page_size / table_pages];
}

uint32_t &n_pages_of(void *block)
{
    return table_of(block)->n_pages[reinterpret_cast<uintptr_t>(block) / page_size % table_pages];
}

// Blocks in larger arenas may begin at a multiple of 4096, too.
inline bool is_whole_pages(void *block)
{
    return reinterpret_cast<uintptr_t>(block) % page_size == 0 && table_of(block) &&
           n_pages_of(block) > 0;
}

Table *table_for(void *address)
{
    Table *&table = table_of(address);
    if (table)
        return table;
    table = static_cast<Table *>(malloc(sizeof(Table)));
    if (table)
        memset(table, 0, sizeof(Table));
    return table;
}

void *allocate_pages(size_t n)
{
    void *block = kvmalloc(n);
    if (!block) {
        release_quick();
        block = kvmalloc(n);
    }
    if (!block)
        return nullptr;
    Table *table = table_for(block);
    if (!table) {
        kvfree(block, n);
        return nullptr;
    }
    table->n_blocks++;
    n_pages_of(block) = n;
    return block;
}

[[gnu::noinline]] void free_pages(void *block)
{
    kvfree(block, std::exchange(n_pages_of(block), 0));
    Table *&table = table_of(block);
    if (--table->n_blocks == 0)
        free(std::exchange(table, nullptr));
}

[[gnu::noinline]] void *allocate_large(size_t size)
{
    if (size > largest_size)
        return nullptr;
    size_t n = pages_for(size);
    if (n * page_size - size <= size / 16)
        return allocate_pages(n);
    return allocate(rounded_up(size + tag_size));
}

// Of a live block; panics if it is none.
[[gnu::always_inline]] inline size_t size_of(void *address)
{
    if (is_whole_pages(address))
        return n_pages_of(address) * page_size;
    auto block = static_cast<Block *>(address);
    if ((block->tag() & (USED | QUICK | END)) != USED)
        panic("malloc: %p is not an allocated block. Freed twice?", address);
    return block->size();
}

// Makes a block of an arena larger or smaller where it lies. False if there is no room.
bool resize(Block *block, size_t size)
{
    if (size > block->size()) {
        Block *after = block->after();
        if (after->tag() & USED || block->size() + after->size() < size)
            return false;
        take_out(after);
        block->tag() += after->size();
    }
    size_t left = block->size() - size;
    if (left >= 64 + block->size() / 8) {
        block->tag() -= left;
        Block *tail = block->after();
        tail->tag() = left | USED;
        release(tail);
    }
    return true;
}

void *move(void *block, size_t capacity, size_t size)
{
    void *copy = nullptr;
    if (size > capacity) // what grew once may well grow again
        copy = size >= page_size ? allocate_pages(pages_for(size) * 9 / 8)
                                 : malloc(size + size / 8);
    if (!copy)
        copy = malloc(size);
    if (!copy)
        return nullptr;
    memcpy(copy, block, capacity < size ? capacity : size);
    free(block);
    return copy;
}

} // namespace

void *malloc(size_t size)
{
    if (size > largest_quick - tag_size)
        return allocate_large(size);
    size_t n = rounded_up(size + tag_size) / alignment;
    if (n < smallest / alignment)
        n = smallest / alignment;
    Block *block = quick[n];
    if (!block)
        return allocate(n * alignment);
    quick[n] = block->next;
    block->tag() &= ~QUICK;
    n_live++;
    return block;
}

[[gnu::noinline]] void free(void *address)
{
    if (!address)
        return;
    size_t size = size_of(address);
    if (is_whole_pages(address)) [[unlikely]]
        return free_pages(address);
    auto block = static_cast<Block *>(address);
    if (size <= largest_quick) {
        block->tag() |= QUICK;
        block->next = std::exchange(quick[size / alignment], block);
    } else {
        release(block);
        n_taken--;
    }
    if (--n_live == 0 && n_pages > max_kept)
        begin_anew();
}

void *realloc(void *address, size_t size)
{
    if (!address)
        return malloc(size);
    if (size == 0) {
        free(address);
        return nullptr;
    }
    size_t capacity = size_of(address);
    if (size > largest_size)
        return nullptr;
    if (is_whole_pages(address)) {
        void *smaller = size <= capacity / 2 ? move(address, capacity, size) : nullptr;
        if (size <= capacity)
            return smaller ? smaller : address;
    } else {
        size_t needed = rounded_up(size + tag_size);
        if (resize(static_cast<Block *>(address), needed < smallest ? smallest : needed))
            return address;
        capacity -= tag_size;
    }
    return move(address, capacity, size);
}
