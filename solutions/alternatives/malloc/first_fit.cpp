// Another style, that of textbooks (Knuth, 2.5): first fit among all free blocks, boundary tags,
// coalescing as soon as a block is freed.
//
//     | 8 unused | header  payload | header  payload | ... | header of size 0 |     one arena
//
// An arena is what one kvmalloc gave. Payloads are multiples of 16, so headers lie 8 before one.
#include "mm/malloc.h"

#include "lib/panic.h"
#include "lib/string.h"
#include "mm/kvmalloc.h"

#include <stdint.h>

namespace {

constexpr size_t page_bytes = 4096, arena_pages = 4;
constexpr uint32_t used = 1;

struct header {
    uint32_t size_and_used; // the size of header and payload, a multiple of 16
    uint32_t size_before;   // of the block before this one; 0: it is the first of its arena

    size_t size() const { return size_and_used & ~used; }
    bool is_used() const { return size_and_used & used; }
    header *at(size_t distance) { return reinterpret_cast<header *>((char *)this + distance); }
    header *after() { return at(size()); }
    header *before() { return at(-(size_t)size_before); }
    void *payload() { return this + 1; }
};

struct free_block : header {
    free_block *next, *previous;
};

free_block *first;
size_t n_reserve; // pages of an arena that is all free, and is kept

header *header_of(void *payload) { return static_cast<header *>(payload) - 1; }

void link(header *h)
{
    auto b = static_cast<free_block *>(h);
    b->next = first;
    b->previous = nullptr;
    if (first)
        first->previous = b;
    first = b;
}

void unlink(header *h)
{
    auto b = static_cast<free_block *>(h);
    (b->previous ? b->previous->next : first) = b->next;
    if (b->next)
        b->next->previous = b->previous;
}

void set_size(header *h, size_t size, uint32_t flag)
{
    h->size_and_used = size | flag;
    h->after()->size_before = size;
}

bool fills_arena(header *h)
{
    return h->size_before == 0 && h->after()->size() == 0;
}

header *new_arena(size_t size)
{
    size_t n = (size + 16 + page_bytes - 1) / page_bytes;
    n = n < arena_pages ? arena_pages : n;
    auto start = static_cast<char *>(kvmalloc(n));
    if (!start && n == arena_pages)
        start = static_cast<char *>(kvmalloc(n = (size + 16 + page_bytes - 1) / page_bytes));
    if (!start)
        return nullptr;
    auto h = reinterpret_cast<header *>(start + 8);
    h->size_before = 0;
    h->at(n * page_bytes - 16)->size_and_used = used;
    set_size(h, n * page_bytes - 16, 0);
    link(h);
    return h;
}

// Cuts a used block down to `size`; the rest is free.
void split(header *h, size_t size)
{
    size_t rest = h->size() - size;
    if (rest < 32)
        return;
    set_size(h, size, used);
    header *tail = h->after();
    if (header *after = tail->at(rest); after->size() && !after->is_used()) {
        unlink(after);
        rest += after->size();
    }
    set_size(tail, rest, 0);
    link(tail);
}

size_t block_size(size_t size)
{
    size = (size + sizeof(header) + 15) & ~size_t{15};
    return size < 32 ? 32 : size;
}

} // namespace

void *malloc(size_t size)
{
    if (size > SIZE_MAX - 2 * page_bytes)
        return nullptr;
    size = block_size(size);
    header *h = first;
    while (h && h->size() < size)
        h = static_cast<free_block *>(h)->next;
    if (!h)
        h = new_arena(size);
    if (!h)
        return nullptr;
    if (fills_arena(h) && size + 16 <= n_reserve * page_bytes) // then it is the reserve
        n_reserve = 0;
    unlink(h);
    set_size(h, h->size(), used);
    split(h, size);
    return h->payload();
}

void free(void *payload)
{
    if (!payload)
        return;
    header *h = header_of(payload);
    if (!h->is_used())
        panic("free: %p is free already", payload);
    h->size_and_used &= ~used;
    if (header *after = h->after(); after->size() && !after->is_used()) {
        unlink(after);
        set_size(h, h->size() + after->size(), 0);
    }
    if (h->size_before && !h->before()->is_used()) {
        header *before = h->before();
        unlink(before);
        set_size(before, before->size() + h->size(), 0);
        h = before;
    }
    if (fills_arena(h)) {
        size_t n = (h->size() + 16) / page_bytes;
        if (n_reserve || n > arena_pages)
            return kvfree((char *)h - 8, n);
        n_reserve = n;
    }
    link(h);
}

void *realloc(void *payload, size_t size)
{
    if (!payload)
        return malloc(size);
    if (size == 0) {
        free(payload);
        return nullptr;
    }
    header *h = header_of(payload);
    size_t capacity = h->size() - sizeof(header);
    if (size <= capacity) {
        split(h, block_size(size));
        return payload;
    }
    void *copy = malloc(size);
    if (!copy)
        return nullptr;
    memcpy(copy, payload, capacity);
    free(payload);
    return copy;
}
