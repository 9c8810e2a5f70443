// Boundary tags and segregated lists, as in many courses (Bryant and O'Hallaron, 9.9): a word
// before each block and one at its end tell its size and whether it is used; free blocks are in a
// list by the power of two of their size. First fit in the list of the size, then the first of a
// larger one.

#include "mm/malloc.h"

#include "lib/panic.h"
#include "lib/string.h"
#include "mm/kvmalloc.h"

#include <algorithm>
#include <bit>
#include <stdint.h>

namespace
{

constexpr size_t page_bytes = 4096, chunk_pages = 2, least = 32, n_lists = 28;
constexpr size_t overhead = 2 * sizeof(uint32_t); // of a block: both words
constexpr uint32_t used = 1;

struct links {
    char *next, *previous; // in the block, while it is free
};

char *lists[n_lists];
char *kept; // a chunk of chunk_pages that is all free

uint32_t &word(char *p)
{
    return *reinterpret_cast<uint32_t *>(p);
}

// A block is known by where its bytes begin: behind its first word.
uint32_t &head(char *b)
{
    return word(b - 4);
}
size_t size_of(char *b)
{
    return head(b) & ~15u;
}
bool is_used(char *b)
{
    return head(b) & used;
}
char *after(char *b)
{
    return b + size_of(b);
}
char *before(char *b)
{
    return b - (word(b - 8) & ~15u);
}
bool before_is_used(char *b)
{
    return word(b - 8) & used;
}
links &in(char *b)
{
    return *reinterpret_cast<links *>(b);
}

void tag(char *b, size_t size, uint32_t flag)
{
    head(b) = size | flag;
    word(b + size - overhead) = size | flag;
}

size_t list_of(size_t size)
{
    return std::min<size_t>(std::bit_width(size) - 6, n_lists - 1);
}

void insert(char *b)
{
    char *&first = lists[list_of(size_of(b))];
    in(b) = {first, nullptr};
    if (first)
        in(first).previous = b;
    first = b;
}

void remove(char *b)
{
    auto [next, previous] = in(b);
    (previous ? in(previous).next : lists[list_of(size_of(b))]) = next;
    if (next)
        in(next).previous = previous;
}

// A chunk: 8 bytes, a word that says used, blocks, a head of size 0 that says used.
bool is_chunk(char *b)
{
    return word(b - 8) == used && head(after(b)) == used;
}

char *new_chunk(size_t size)
{
    size_t n = (size + 16 + page_bytes - 1) / page_bytes;
    auto chunk = static_cast<char *>(n < chunk_pages ? kvmalloc(n = chunk_pages) : kvmalloc(n));
    if (!chunk && (n = (size + 16 + page_bytes - 1) / page_bytes) < chunk_pages)
        chunk = static_cast<char *>(kvmalloc(n));
    if (!chunk)
        return nullptr;
    word(chunk + 8) = used;
    tag(chunk + 16, n * page_bytes - 16, 0);
    head(chunk + n * page_bytes) = used;
    return chunk + 16;
}

char *find(size_t size)
{
    size_t i = list_of(size);
    for (char *b = lists[i]; b; b = in(b).next)
        if (size_of(b) >= size)
            return b;
    while (++i < n_lists)
        if (lists[i])
            return lists[i];
    return nullptr;
}

// Makes a block that is in no list a used one of `size` bytes; what is left is free.
void place(char *b, size_t size)
{
    size_t rest = size_of(b) - size;
    if (rest < least)
        return tag(b, size + rest, used);
    tag(b, size, used);
    char *tail = after(b);
    tag(tail, rest, 0);
    if (!is_used(after(tail))) {
        remove(after(tail));
        tag(tail, rest + size_of(after(tail)), 0);
    }
    insert(tail);
}

size_t block_size(size_t bytes)
{
    return std::max(least, (bytes + overhead + 15) & ~size_t{15});
}

} // namespace

void *malloc(size_t size)
{
    if (size > SIZE_MAX / 2)
        return nullptr;
    size = block_size(size);
    char *b = find(size);
    if (b) {
        remove(b);
        if (b == kept)
            kept = nullptr;
    } else {
        b = new_chunk(size);
    }
    if (b)
        place(b, size);
    return b;
}

void free(void *block)
{
    auto b = static_cast<char *>(block);
    if (!b)
        return;
    if (!is_used(b))
        panic("free: the block at %p is free", block);
    size_t size = size_of(b);
    head(b) &= ~used;
    if (!is_used(b + size)) {
        remove(b + size);
        size += size_of(b + size);
    }
    if (!before_is_used(b)) {
        b = before(b);
        remove(b);
        size += size_of(b);
    }
    tag(b, size, 0);
    if (is_chunk(b)) {
        size_t n = (size + 16) / page_bytes;
        if (kept || n > chunk_pages)
            return kvfree(b - 16, n);
        kept = b;
    }
    insert(b);
}

void *realloc(void *block, size_t size)
{
    auto b = static_cast<char *>(block);
    if (!b)
        return malloc(size);
    if (size == 0) {
        free(b);
        return nullptr;
    }
    if (size > SIZE_MAX / 2)
        return nullptr;
    size_t old_size = size_of(b), wanted = block_size(size);
    char *next = after(b);
    if (wanted > old_size && !is_used(next) && old_size + size_of(next) >= wanted) {
        remove(next);
        tag(b, old_size += size_of(next), used);
    }
    if (wanted <= old_size) {
        place(b, wanted);
        return b;
    }
    void *copy = malloc(size);
    if (!copy)
        return nullptr;
    memcpy(copy, b, old_size - overhead);
    free(b);
    return copy;
}
