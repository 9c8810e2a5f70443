// Pages of blocks of one size, each page with a header of its own: who is free stands in a bitmap
// there. What does not fit three times into a page gets pages of its own, behind a header that says
// so.
#include "mm/malloc.h"

#include "lib/panic.h"
#include "lib/string.h"
#include "mm/kvmalloc.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <stdint.h>

namespace
{

constexpr size_t page_bytes = 4096, most_kept = 8;
constexpr uint16_t sizes[] = {16,  32,  48,  64,  80,  96,  112, 128, 160,  192,
                              224, 256, 320, 384, 448, 512, 640, 800, 1008, 1344};
constexpr size_t n_sizes = std::size(sizes);

struct alignas(16) page {
    page *next, *previous; // of those with a free block
    size_t own_pages;      // 0: blocks of one size
    uint16_t size_class;
    uint16_t n_free;
    uint32_t free[8];

    size_t size() const { return sizes[size_class]; }
    size_t n_blocks() const { return (page_bytes - sizeof(page)) / size(); }
    char *block(size_t i) { return reinterpret_cast<char *>(this + 1) + i * size(); }
};

page *with_room[n_sizes];
page *kept; // empty pages, for whatever size
size_t n_kept;

page *page_of(void *block)
{
    return reinterpret_cast<page *>(reinterpret_cast<uintptr_t>(block) / page_bytes * page_bytes);
}

void link(page *p)
{
    p->previous = nullptr;
    p->next = with_room[p->size_class];
    if (p->next)
        p->next->previous = p;
    with_room[p->size_class] = p;
}

void unlink(page *p)
{
    (p->previous ? p->previous->next : with_room[p->size_class]) = p->next;
    if (p->next)
        p->next->previous = p->previous;
}

page *new_page(size_t size_class)
{
    page *p = kept;
    if (p)
        kept = p->next, n_kept--;
    else
        p = static_cast<page *>(kvmalloc(1));
    if (!p)
        return nullptr;
    p->own_pages = 0;
    p->size_class = size_class;
    p->n_free = p->n_blocks();
    for (size_t i = 0; i < std::size(p->free); i++)
        p->free[i] = 0;
    for (size_t i = 0; i < p->n_free; i++)
        p->free[i / 32] |= uint32_t{1} << i % 32;
    link(p);
    return p;
}

void drop(page *p)
{
    unlink(p);
    if (n_kept == most_kept)
        return kvfree(p, 1);
    p->next = kept;
    kept = p;
    n_kept++;
}

void *take_block(page *p)
{
    size_t word = 0;
    while (!p->free[word])
        word++;
    size_t i = word * 32 + std::countr_zero(p->free[word]);
    p->free[word] &= p->free[word] - 1;
    if (--p->n_free == 0)
        unlink(p);
    return p->block(i);
}

void give_back(page *p, void *block)
{
    size_t i = (static_cast<char *>(block) - p->block(0)) / p->size();
    if (p->free[i / 32] >> i % 32 & 1)
        panic("free: %p is free already", block);
    p->free[i / 32] |= uint32_t{1} << i % 32;
    if (p->n_free++ == 0)
        link(p);
    if (p->n_free == p->n_blocks())
        drop(p);
}

void *own_pages(size_t size)
{
    size_t n_pages = (size + sizeof(page) + page_bytes - 1) / page_bytes;
    auto p = static_cast<page *>(kvmalloc(n_pages));
    if (!p)
        return nullptr;
    p->own_pages = n_pages;
    return p + 1;
}

size_t capacity(page *p)
{
    return p->own_pages ? p->own_pages * page_bytes - sizeof(page) : p->size();
}

} // namespace

void *malloc(size_t size)
{
    if (size > SIZE_MAX - 2 * page_bytes)
        return nullptr;
    size_t size_class = std::lower_bound(sizes, sizes + n_sizes, size) - sizes;
    if (size_class == n_sizes)
        return own_pages(size);
    page *p = with_room[size_class];
    if (!p)
        p = new_page(size_class);
    return p ? take_block(p) : nullptr;
}

void free(void *block)
{
    if (!block)
        return;
    page *p = page_of(block);
    if (p->own_pages)
        kvfree(p, p->own_pages);
    else
        give_back(p, block);
}

void *realloc(void *block, size_t size)
{
    if (!block)
        return malloc(size);
    if (size == 0) {
        free(block);
        return nullptr;
    }
    size_t old_size = capacity(page_of(block));
    if (size <= old_size && size > old_size / 4)
        return block;
    void *copy = malloc(size);
    if (!copy)
        return size <= old_size ? block : nullptr;
    memcpy(copy, block, std::min(old_size, size));
    free(block);
    return copy;
}
