// One page for blocks of one size, with a header of 16 bytes: how many are used, and a list of the
// free ones. Each block has a word before it for its state. Large blocks begin 16 bytes into pages
// of their own.

#include "mm/malloc.h"

#include "lib/panic.h"
#include "lib/string.h"
#include "mm/kvmalloc.h"

#include <iterator>
#include <stdint.h>

namespace
{

constexpr uint16_t classes[] = {16,  32,  48,  64,  96,   128,  192, 256,
                                320, 384, 496, 672, 1008, 1344, 2032};
constexpr size_t n_classes = std::size(classes);
constexpr uint16_t large = 0xffff;
constexpr uint16_t nothing = 0xffff; // no slot

struct alignas(16) head {
    head *next;  // of its class, with room
    head **link; // what leads to this one
    uint16_t kind, n_used;
    uint16_t first_free, n_touched; // slots; those from n_touched on were never handed out
};

head *with_room[n_classes];
uint32_t *large_pages_of(head *h)
{
    return reinterpret_cast<uint32_t *>(&h->next);
}

head *head_of(void *p)
{
    return reinterpret_cast<head *>(reinterpret_cast<uintptr_t>(p) & ~uintptr_t{4095});
}

// A byte for each slot stands at the page's end: 1 if it is used.
size_t n_slots(uint16_t kind)
{
    return (4096 - sizeof(head)) / (classes[kind] + 1);
}

char *slot(head *h, size_t i)
{
    return reinterpret_cast<char *>(h + 1) + i * classes[h->kind];
}

uint8_t &is_used(head *h, size_t i)
{
    return reinterpret_cast<uint8_t *>(h)[4095 - i];
}

void link(head *h)
{
    head *&first = with_room[h->kind];
    h->next = first;
    h->link = &first;
    if (first)
        first->link = &h->next;
    first = h;
}

void unlink(head *h)
{
    *h->link = h->next;
    if (h->next)
        h->next->link = h->link;
}

void *small(uint16_t kind)
{
    head *h = with_room[kind];
    if (!h) {
        h = static_cast<head *>(kvmalloc(1));
        if (!h)
            return nullptr;
        h->kind = kind, h->n_used = h->n_touched = 0, h->first_free = nothing;
        link(h);
    }
    size_t i = h->first_free;
    if (i == nothing)
        i = h->n_touched++;
    else
        h->first_free = *reinterpret_cast<uint16_t *>(slot(h, i));
    is_used(h, i) = 1;
    if (++h->n_used == n_slots(kind))
        unlink(h);
    return slot(h, i);
}

void free_small(head *h, void *p)
{
    size_t i = (static_cast<char *>(p) - slot(h, 0)) / classes[h->kind];
    if (!is_used(h, i))
        panic("free: %p was freed before", p);
    is_used(h, i) = 0;
    *static_cast<uint16_t *>(p) = h->first_free;
    h->first_free = i;
    if (h->n_used-- == n_slots(h->kind))
        link(h);
    if (h->n_used == 0 && (h->next || with_room[h->kind] != h || h->kind > 7)) {
        unlink(h); // an empty page stays only if it is the last of a small kind: 8 kinds
        kvfree(h, 1);
    }
}

size_t capacity(void *p)
{
    head *h = head_of(p);
    return h->kind == large ? *large_pages_of(h) * 4096 - sizeof(head) : classes[h->kind];
}

} // namespace

void *malloc(size_t size)
{
    for (uint16_t kind = 0; kind < n_classes; kind++)
        if (size <= classes[kind])
            return small(kind);
    if (size > SIZE_MAX - 8192)
        return nullptr;
    uint32_t n_pages = (size + sizeof(head) + 4095) / 4096;
    auto h = static_cast<head *>(kvmalloc(n_pages));
    if (!h)
        return nullptr;
    h->kind = large;
    *large_pages_of(h) = n_pages;
    return h + 1;
}

void free(void *p)
{
    if (!p)
        return;
    head *h = head_of(p);
    if (h->kind == large)
        kvfree(h, *large_pages_of(h));
    else
        free_small(h, p);
}

void *realloc(void *p, size_t size)
{
    if (!p)
        return malloc(size);
    if (size == 0) {
        free(p);
        return nullptr;
    }
    size_t old_size = capacity(p);
    if (size <= old_size && (size > 2032 || size > old_size / 2))
        return p;
    void *q = malloc(size);
    if (!q)
        return size <= old_size ? p : nullptr;
    memcpy(q, p, size < old_size ? size : old_size);
    free(p);
    return q;
}
