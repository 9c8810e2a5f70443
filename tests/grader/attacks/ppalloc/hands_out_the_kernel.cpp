// attack: Hands out the frames of the kernel itself.
// route: false answers
// class: detected
// verdict: fail crash hang
// message: 

#include "mm/allocation.h"

void ppinit(std::span<const memory_region>, std::span<const physical_range>, void *) {}

size_t ppalloc(size_t, size_t max, uintptr_t *start)
{
    *start = 0x100000;
    return max;
}

void ppfree(uintptr_t, size_t) {}
