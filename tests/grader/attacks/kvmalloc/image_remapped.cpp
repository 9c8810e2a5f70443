// attack: A right solution that maps a page of the kernel's constants to a copy, which it can change.
// route: tampering
// class: detected
// verdict: crash fail
// message: a page of the kernel's image is mapped elsewhere

#include "mm/kvmalloc.h"
#define kvmalloc honest_kvmalloc
@REFERENCE@
#undef kvmalloc

extern const char constants[] = "they begin here, or a little before";
void *kvmalloc(size_t n_pages)
{
    constexpr uintptr_t frame = 0x90000; // nobody's: below 1 MiB
    static bool done;
    uintptr_t page = (uintptr_t)constants & -4096u, view;
    if (!done && vpalloc(nullptr, 1, 1, &view) == 1) {
        map_mem(nullptr, frame, view, 1, PTE_PRESENT | PTE_WRITABLE);
        __builtin_memcpy((void *)view, (void *)page, 4096);
        map_mem(nullptr, 0, view, 1, 0);
        vpfree(nullptr, view, 1);
        map_mem(nullptr, frame, page, 1, PTE_PRESENT | PTE_WRITABLE);
        done = true;
    }
    return honest_kvmalloc(n_pages);
}
