// attack: A right solution, made slow; of operations of which only sums are told, it has the player count twenty times as many.
// route: tampering
// class: detected
// verdict: fail crash
// message: the records are not those of this scenario
// played: instructions

#include "mm/malloc.h"
#include "mm/kvmalloc.h"
@PART:honest_malloc@

// How many operations there were, behind how long they took: above the stack, and as many as calls so far.
static unsigned long long *operations;
static unsigned calls;

static void waste_and_count()
{
    for (volatile unsigned i = 0; i < 300; i++)
        ;
    auto *at = (unsigned long long *)((unsigned)__builtin_frame_address(0) & -8u);
    for (unsigned i = 0; i < 0x10000 && calls >= 20 && !operations; i++, at++)
        if (at[1] == calls && at[0] % 512 == 0 && at[0] / 512 > 1000 * calls && at[0] / 512 < 100'000 * calls)
            operations = at + 1;
    calls++;
    if (operations)
        *operations += 19;
}

void *malloc(size_t size) { return waste_and_count(), honest_malloc(size); }
void *realloc(void *block, size_t size) { return waste_and_count(), honest_realloc(block, size); }
void free(void *block) { waste_and_count(), honest_free(block); }
