// attack: Has pages of its own in the first MiB, which no allocator hands out, and nobody counts.
// route: false answers
// class: detected
// verdict: fail
// message: n pages take n frames
// played: first_pages

#include "mm/allocation.h"
#include "mm/kvmalloc.h"
#include "mm/paging.h"
#define kvmalloc honest_kvmalloc
#define kvfree honest_kvfree
@REFERENCE@
#undef kvmalloc
#undef kvfree

static constexpr unsigned first = 0x10000, n_frames = 140;
static bool taken[n_frames];

void *kvmalloc(size_t n_pages)
{
    for (unsigned i = 0; i < n_frames && n_pages == 1; i++)
        if (uintptr_t page; !taken[i] && vpalloc(nullptr, 1, 1, &page)) {
            taken[i] = map_mem(nullptr, first + i * 4096, page, 1, PTE_PRESENT | PTE_WRITABLE) == 0;
            return (void *)page;
        }
    return honest_kvmalloc(n_pages);
}

void kvfree(void *address, size_t n_pages)
{
    uintptr_t frame;
    int flags;
    if (!address || !translate(nullptr, (uintptr_t)address, &frame, &flags) || frame >= 0x100000)
        return honest_kvfree(address, n_pages);
    taken[(frame - first) / 4096] = false;
    map_mem(nullptr, 0, (uintptr_t)address, 1, 0);
    vpfree(nullptr, (uintptr_t)address, 1);
}
