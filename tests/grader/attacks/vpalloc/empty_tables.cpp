// attack: Gives no page back to kvmalloc: frees the addresses, and has the pages counted as page tables, which are empty and to which the page directory leads.
// route: tampering
// class: detected
// verdict: fail
// message: in the machine's page tables
// played: destroying

#include "mm/allocation.h"
#include "mm/kvmalloc.h"
#define kvfree keep
static void keep(void *address, size_t n_pages);
@REFERENCE@
#undef kvfree

@PART:empty_tables@
static void keep(void *address, size_t n_pages)
{
    static size_t n_kept;
    if (n_kept + n_pages > 200)
        return kvfree(address, n_pages);
    n_kept += n_pages;
    vpfree(nullptr, (uintptr_t)address, n_pages);
    made_page_tables(address, n_pages);
}
