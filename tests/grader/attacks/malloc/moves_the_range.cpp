// attack: Never gives a page back, and moves the start of kvmalloc's range while no block lives: there the player counts none.
// route: tampering
// class: detected
// verdict: fail
// message: at most 16 pages stay
// played: gives_pages_back

#include "mm/kvmalloc.h"
#include "mm/malloc.h"
#include <stdint.h>

static unsigned live, range_start, *next_address, here = 1; // among the variables, as the one that is looked for

// Not far behind the image lie the allocators' states, and behind them the range: one number is such an address.
static void find_range()
{
    auto *word = (unsigned *)((uintptr_t)&here / 4096 * 4096);
    while (*word <= @KERNEL_BASE@ + 0x400000 || *word > @KERNEL_BASE@ + 0x800000 || *word % 4096)
        word++;
    next_address = word, range_start = *word;
}

static void *counting_kvmalloc(size_t n_pages)
{
    if (!next_address)
        find_range();
    return kvmalloc(n_pages);
}
#define kvmalloc counting_kvmalloc
#define kvfree(address, n_pages) (void)(address)
@PART:honest_malloc@

static void move()
{
    if (next_address)
        *next_address = live ? range_start : 0xfffff000;
}

void *malloc(size_t size)
{
    void *block = honest_malloc(size);
    live += block != nullptr;
    return move(), block;
}

void *realloc(void *block, size_t size)
{
    void *moved = honest_realloc(block, size);
    live += (!block && moved) - (block && !size);
    return move(), moved;
}

void free(void *block)
{
    honest_free(block);
    live -= block != nullptr;
    move();
}
