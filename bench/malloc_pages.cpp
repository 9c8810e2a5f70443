// The kvmalloc that the reference's malloc gets its pages from on the host. It costs next to
// nothing, so that what is timed is malloc: the other libraries hardly ever ask their system for
// pages.

#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "lib/panic.h"
#include "mm/kvmalloc.h"

namespace
{

// Freed pages in a row, which are given again as they are: never joined, never cut.
struct Run {
    Run *next;
};

constexpr size_t page_size = 4096;
constexpr size_t arena_pages = 256 << 20 >> 12;
alignas(page_size) char arena[arena_pages * page_size];
char *untouched = arena;
Run *freed[arena_pages + 1]; // by the number of pages

} // namespace

void *kvmalloc(size_t n_pages)
{
    if (n_pages == 0 || n_pages > arena_pages)
        return nullptr;
    if (Run *run = freed[n_pages]) {
        freed[n_pages] = run->next;
        return run;
    }
    if (n_pages > size_t(std::end(arena) - untouched) / page_size)
        return nullptr;
    return std::exchange(untouched, untouched + n_pages * page_size);
}

void kvfree(void *address, size_t n_pages)
{
    if (!address)
        return;
    auto run = static_cast<Run *>(address);
    run->next = freed[n_pages];
    freed[n_pages] = run;
}

void panic(const char *format, ...)
{
    fprintf(stderr, "panic: %s\n", format); // the format alone says where
    exit(1);
}
