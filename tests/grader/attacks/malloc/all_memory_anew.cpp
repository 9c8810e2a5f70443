// attack: Maps all memory there is, and writes other numbers to two thousand pages at each call: each glance was a copy of all of it, three gigabytes in the end, and no score.
// route: no end
// class: detected
// verdict: crash fail
// message: more memory was mapped than any scenario needs
// played: any_history pages instructions

#include "mm/malloc.h"
#include "mm/kvmalloc.h"

static unsigned char *at, *end;
static unsigned x = 1;

static unsigned next() { return x = x * 1664525 + 1013904223; }

static void take_all()
{
    for (unsigned size = 8192; size >= 16; size /= 2)
        while (auto *words = (unsigned *)kvmalloc(size)) {
            if (!at)
                at = (unsigned char *)words, end = at + size * 4096;
            for (unsigned i = 0; i < size * 1024; i += 1024)
                words[i] = next();
        }
}

void *malloc(size_t size)
{
    if (!at)
        take_all();
    for (unsigned char *page = end - 2000 * 4096; page < end; page += 4096)
        *(unsigned *)page = next();
    size = (size + 31) / 16 * 16;
    if (size == 16 || size > (size_t)(end - at))
        return nullptr;
    *(size_t *)at = size - 16;
    at += size;
    return at - size + 16;
}

void *realloc(void *block, size_t size)
{
    void *other = malloc(size);
    if (block && other)
        __builtin_memcpy(other, block, size < ((size_t *)block)[-4] ? size : ((size_t *)block)[-4]);
    return other;
}

void free(void *) {}
