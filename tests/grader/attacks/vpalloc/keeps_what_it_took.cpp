// attack: Gives no page back to kvmalloc, frees the addresses alone, and tells the player of so many pages less, and page tables more.
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

@PART:find_code@
// They return the address of one number, and another number: the address stands behind the first byte.
static const short of_kvmalloc[] = {@CODE:_Z14kvmalloc_pagesv@}, of_tables[] = {@CODE:_Z18kernel_tables_madev@};

static void keep(void *address, size_t n_pages)
{
    static unsigned **taken = (unsigned **)((char *)FIND(of_kvmalloc) + 1), **tables = (unsigned **)((char *)FIND(of_tables) + 1);
    vpfree(nullptr, (uintptr_t)address, n_pages);
    **taken -= n_pages;
    **tables += n_pages;
}
