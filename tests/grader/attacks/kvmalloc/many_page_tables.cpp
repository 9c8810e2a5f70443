// attack: A right solution that maps half a gigabyte of addresses beside, for whoever looks at the page tables to count.
// route: no end
// class: detected
// verdict: fail
// message: no translation has changed
// played: no_page_table

#include "mm/allocation.h"
#include "mm/kvmalloc.h"
#include "mm/paging.h"
#define kvmalloc honest_kvmalloc
@REFERENCE@
#undef kvmalloc

void *kvmalloc(size_t n_pages)
{
    static bool is_done;
    for (uintptr_t page = 0xe0000000; !is_done && page < 0xff000000; page += 0x400000)
        map_mem(nullptr, 0x100000, page, 1024, PTE_PRESENT | PTE_WRITABLE);
    is_done = true;
    return honest_kvmalloc(n_pages);
}
