// The simplest malloc that keeps the contract: whole pages for each block, with a header before it.
// slow in: pages, instructions
#include "mm/malloc.h"

#include "lib/panic.h"
#include "lib/string.h"
#include "mm/kvmalloc.h"

#include <stdint.h>

namespace {

struct alignas(16) header {
    size_t n_pages;
    uint32_t live;
};
constexpr uint32_t is_live = 0x6c697665;

} // namespace

void *malloc(size_t size)
{
    if (size > SIZE_MAX - 8192)
        return nullptr;
    size_t n_pages = (size + sizeof(header) + 4095) / 4096;
    auto h = static_cast<header *>(kvmalloc(n_pages));
    if (!h)
        return nullptr;
    *h = {n_pages, is_live};
    return h + 1;
}

void free(void *block)
{
    if (!block)
        return;
    header *h = static_cast<header *>(block) - 1;
    if (h->live != is_live)
        panic("free: %p is no live block", block);
    h->live = 0;
    kvfree(h, h->n_pages);
}

void *realloc(void *block, size_t size)
{
    if (!block || size == 0) {
        free(size ? nullptr : block);
        return block ? nullptr : malloc(size);
    }
    size_t capacity = (static_cast<header *>(block) - 1)->n_pages * 4096 - sizeof(header);
    void *copy = malloc(size);
    if (!copy)
        return size <= capacity ? block : nullptr;
    memcpy(copy, block, capacity < size ? capacity : size);
    free(block);
    return copy;
}
