// attack: A right solution that makes the kernel's code writable, changes a function, and puts it back.
// route: tampering
// class: detected
// verdict: crash fail
// message: no code of the kernel or of the submission
// played: kernel_mappings long_ranges cost_per_page

#include "mm/paging.h"
#define map_mem honest_map_mem
@REFERENCE@
#undef map_mem

[[gnu::noinline]] unsigned answer()
{
    volatile unsigned a = 0x12345678;
    return a;
}
unsigned (*volatile asked)() = answer;

int map_mem(pagedir *pd, uintptr_t physical, uintptr_t virt, size_t n_pages, int flags)
{
    auto *code = (unsigned char *)asked;
    while (*(unsigned *)code != 0x12345678)
        code++;
    pte &entry = kernel_table[((size_t)code - kernel_base) / page_size];
    pte before = entry;
    entry = pte(entry.frame(), PTE_PRESENT | PTE_WRITABLE);
    flush_page((size_t)code);
    *(unsigned *)code = 0x87654321;
    asked();
    *(unsigned *)code = 0x12345678;
    entry = before;
    flush_page((size_t)code);
    return honest_map_mem(pd, physical, virt, n_pages, flags);
}
