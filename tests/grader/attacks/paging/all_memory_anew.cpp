// attack: Writes other numbers to half of all memory at each call: of each look all of that was kept, and nobody counted it.
// route: no end
// class: detected
// verdict: fail
// message: destroy gives back
// played: any_history

#include "mm/kvmalloc.h"
#include "mm/paging.h"
#define map_mem honest_map_mem
int map_mem(pagedir *, uintptr_t, uintptr_t, size_t, int);
@REFERENCE@
#undef map_mem

static unsigned x = 1;

int map_mem(pagedir *pd, uintptr_t physical, uintptr_t address, size_t n_pages, int flags)
{
    static unsigned *parts[6], n_calls;
    if (pd && n_calls++ == 0)
        for (auto &part : parts)
            part = (unsigned *)kvmalloc(768);
    for (auto *part : parts)
        for (unsigned i = 0; part && i < 768 * 1024; i += 1024)
            part[i] = x = x * 1664525 + 1013904223;
    return honest_map_mem(pd, physical, address, n_pages, flags);
}
