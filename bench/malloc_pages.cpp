// The kvmalloc that the reference's malloc gets its pages from on the host.

#include <bitset>
#include <cstdio>
#include <cstdlib>

#include "lib/panic.h"
#include "mm/kvmalloc.h"

namespace
{

constexpr size_t page_size = 4096;
constexpr size_t arena_pages = 64 << 20 >> 12;
alignas(page_size) char arena[arena_pages * page_size];
std::bitset<arena_pages> used;

} // namespace

void *kvmalloc(size_t n_pages)
{
    for (size_t first = 0;
         n_pages > 0 && n_pages <= arena_pages && first <= arena_pages - n_pages;) {
        size_t n = 0;
        while (n < n_pages && !used[first + n])
            n++;
        if (n < n_pages) {
            first += n + 1;
            continue;
        }
        for (size_t i = 0; i < n_pages; i++)
            used.set(first + i);
        return arena + first * page_size;
    }
    return nullptr;
}

void kvfree(void *address, size_t n_pages)
{
    if (!address)
        return;
    for (size_t i = 0; i < n_pages; i++)
        used.reset((static_cast<char *>(address) - arena) / page_size + i);
}

void panic(const char *format, ...)
{
    fprintf(stderr, "panic: %s\n", format); // the format alone says where
    exit(1);
}
