// attack: Gives two hundred pages not back, and has them counted as page tables, which are empty and to which the page directory leads.
// route: tampering
// class: detected
// verdict: fail
// message: 16 pages stay
// played: gives_pages_back

#include "mm/kvmalloc.h"
#include "mm/malloc.h"
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
    made_page_tables(address, n_pages);
}
