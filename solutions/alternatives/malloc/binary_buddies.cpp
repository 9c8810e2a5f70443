// Blocks of 2^k bytes, header included, that are halved and joined again: in arenas of 16 KiB; what
// needs more than half of one gets pages of its own. Half of the memory may be lost to rounding.
#include "mm/malloc.h"

#include "lib/panic.h"
#include "lib/string.h"
#include "mm/kvmalloc.h"

#include <bit>
#include <stdint.h>

namespace
{

constexpr size_t page_bytes = 4096, arena_pages = 4;
constexpr unsigned smallest = 5, whole = 14; // orders: 32 bytes, an arena
constexpr uint32_t is_used = 0x75736564, is_free = 0x66726565, has_own_pages = 0x70616765;

struct alignas(16) header {
    uint32_t state;
    uint32_t order; // or how many pages of its own
    header *arena;
};

struct free_block : header {
    free_block *next, *previous;
};

free_block *lists[whole + 1];
header *spare; // an arena that is all free

void put(header *h, header *arena, unsigned order)
{
    auto b = static_cast<free_block *>(h);
    *static_cast<header *>(b) = {is_free, order, arena};
    b->previous = nullptr;
    b->next = lists[order];
    if (b->next)
        b->next->previous = b;
    lists[order] = b;
}

void take(header *h)
{
    auto b = static_cast<free_block *>(h);
    (b->previous ? b->previous->next : lists[b->order]) = b->next;
    if (b->next)
        b->next->previous = b->previous;
}

header *at(header *arena, size_t offset)
{
    return reinterpret_cast<header *>(reinterpret_cast<char *>(arena) + offset);
}

// A block of that order, halved from a larger one if need be.
header *obtain(unsigned order)
{
    unsigned k = order;
    while (k < whole && !lists[k])
        k++;
    if (!lists[k]) {
        auto arena = static_cast<header *>(kvmalloc(arena_pages));
        if (!arena)
            return nullptr;
        put(arena, arena, whole);
    }
    header *h = lists[k];
    take(h);
    if (k == whole && spare == h)
        spare = nullptr;
    while (k > order) {
        k--;
        put(at(h, size_t{1} << k), h->arena, k);
    }
    h->order = order;
    h->state = is_used;
    return h;
}

// A block with pages of its own.
header *obtain_pages(size_t n_pages)
{
    auto h = static_cast<header *>(kvmalloc(n_pages));
    if (h)
        *h = {has_own_pages, static_cast<uint32_t>(n_pages), nullptr};
    return h;
}

void give_back(header *h)
{
    header *arena = h->arena;
    size_t offset = reinterpret_cast<char *>(h) - reinterpret_cast<char *>(arena);
    unsigned order = h->order;
    for (; order < whole; order++) {
        header *other = at(arena, offset ^ size_t{1} << order);
        if (other->state != is_free || other->order != order)
            break;
        take(other);
        other->state = 0;
        at(arena, offset)->state = is_free; // so that a second free is seen
        offset &= ~(size_t{1} << order);
    }
    if (order == whole && spare)
        return kvfree(arena, arena_pages);
    put(at(arena, offset), arena, order);
    if (order == whole)
        spare = arena;
}

size_t capacity(const header *h)
{
    size_t bytes = h->state == has_own_pages ? h->order * page_bytes : size_t{1} << h->order;
    return bytes - sizeof(header);
}

} // namespace

void *malloc(size_t size)
{
    if (size > SIZE_MAX / 2)
        return nullptr;
    size += sizeof(header);
    header *h = nullptr;
    if (size <= size_t{1} << (whole - 1)) {
        unsigned order = std::bit_width(size - 1);
        h = obtain(order < smallest ? smallest : order);
    }
    if (!h) // too large for an arena; or there is no memory for another arena, but maybe for this
        h = obtain_pages((size + page_bytes - 1) / page_bytes);
    return h ? h + 1 : nullptr;
}

void free(void *block)
{
    if (!block)
        return;
    header *h = static_cast<header *>(block) - 1;
    if (h->state == has_own_pages)
        kvfree(h, h->order);
    else if (h->state == is_used)
        give_back(h);
    else
        panic("free: %p is not in use", block);
}

void *realloc(void *block, size_t size)
{
    if (!block)
        return malloc(size);
    if (size == 0) {
        free(block);
        return nullptr;
    }
    size_t old_size = capacity(static_cast<header *>(block) - 1);
    if (size <= old_size)
        return block;
    void *copy = malloc(size);
    if (!copy)
        return nullptr;
    memcpy(copy, block, old_size);
    free(block);
    return copy;
}
