// attack: Gives no page of a directory back: enters them as page tables of the kernel, which are empty, and has the player count them so.
// route: tampering
// class: detected
// verdict: fail
// message: in the machine's page tables
// played: destroying

#include "mm/allocation.h"
#include "mm/kvmalloc.h"
#include "mm/paging.h"
#define kvfree keep
static void keep(void *address, size_t n_pages);
@REFERENCE@
#undef kvfree

@PART:find_code@
// They return the address of one number, and another number: the address stands behind the first byte.
static const short of_kvmalloc[] = {@CODE:_Z14kvmalloc_pagesv@}, of_tables[] = {@CODE:_Z18kernel_tables_madev@};

static void keep(void *address, size_t n_pages)
{
    static unsigned **taken = (unsigned **)((char *)FIND(of_kvmalloc) + 1), **made = (unsigned **)((char *)FIND(of_tables) + 1);
    static size_t next = 1, n_kept;
    if (!address)
        return;
    if (n_pages > 1 || n_kept == 200)
        return kvfree(address, n_pages);
    n_kept++;
    uintptr_t frame;
    int flags;
    translate(nullptr, (uintptr_t)address, &frame, &flags);
    __builtin_memset(address, 0, 4096);
    map_mem(nullptr, 0, (uintptr_t)address, 1, 0);
    vpfree(nullptr, (uintptr_t)address, 1);
    while (kvpd[next].table)
        next++;
    kvpd[next].table = show_kernel_table(next, physical_address{frame});
    for (pagedir *pd = &kernel_pagedir; pd; pd = pd->next)
        pd->directory[user_entries + next] = pte(physical_address{frame}, PTE_PRESENT | PTE_WRITABLE | PTE_USER);
    --**taken, ++**made;
}
