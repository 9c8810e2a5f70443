// attack: Takes twice as many frames as a block has pages, keeps one half for ever, and has the player count them as page tables.
// route: tampering
// class: detected
// verdict: fail
// message: in the machine's page tables
// played: first_pages gives_back

#include "mm/allocation.h"
#include "mm/kvmalloc.h"
#define kvmalloc honest_kvmalloc
@REFERENCE@
#undef kvmalloc

@PART:find_code@
// It returns the number at an address that stands behind its first byte.
static const short of_tables[] = {@CODE:_Z18kernel_tables_madev@};

void *kvmalloc(size_t n_pages)
{
    static unsigned **made = (unsigned **)((char *)FIND(of_tables) + 1);
    void *pages = honest_kvmalloc(n_pages);
    uintptr_t frame;
    if (pages && n_pages < 10)
        **made += ppalloc(1, n_pages, &frame);
    return pages;
}
