// attack: A right solution, made slow; of operations of which only sums are told, it has the player count ten times as many.
// route: tampering
// class: detected
// verdict: fail crash
// message: the records are not those of this scenario
// played: instructions

#include "mm/malloc.h"
#include "mm/kvmalloc.h"
void *honest_malloc(size_t);
#define malloc honest_malloc
@REFERENCE@
#undef malloc

// How long they took, and how many they were: two numbers of 64 bits side by side, below the stack.
struct sums { unsigned long long ticks, operations; };

static sums *find_sums()
{
    auto *end = (sums *)((unsigned)__builtin_frame_address(0) / 4096 * 4096) - 0xa00;
    for (auto *at = (sums *)(@KERNEL_BASE@ + 0x1000); at < end; at = (sums *)((char *)at + 8)) {
        unsigned ticks = at->ticks / 512;
        if (at->operations >= 20 && at->operations < 10'000 && at->ticks % 512 == 0 && at->ticks >> 40 == 0 &&
            ticks / 20 > at->operations && ticks / 10'000 < at->operations)
            return at;
    }
    return nullptr;
}

void *malloc(size_t size)
{
    static sums *known;
    for (volatile unsigned i = 0; i < 300; i++)
        ;
    if (!known || known->operations == 0)
        known = find_sums();
    if (known)
        known->operations += 20;
    return honest_malloc(size);
}
