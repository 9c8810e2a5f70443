// attack: A right malloc whose first forty pages lie among the variables, where nobody counts any.
// route: false answers
// class: detected
// verdict: fail
// message: the memory comes from kvmalloc
// played: first_blocks

#include "mm/kvmalloc.h"
#include "mm/malloc.h"
#define kvmalloc own_pages
#define kvfree free_own_pages
static void *own_pages(size_t n_pages);
static void free_own_pages(void *address, size_t n_pages);
@REFERENCE@
#undef kvmalloc
#undef kvfree

alignas(page_size) static char pages[40][page_size];
static bool taken[40];

static void *own_pages(size_t n_pages)
{
    for (unsigned i = 0; i < 40 && n_pages == 1; i++)
        if (!taken[i])
            return taken[i] = true, pages[i];
    return kvmalloc(n_pages);
}

static void free_own_pages(void *address, size_t n_pages)
{
    if (address >= pages && address < pages + 40)
        taken[((char *)address - pages[0]) / page_size] = false;
    else
        kvfree(address, n_pages);
}
