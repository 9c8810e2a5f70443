// Counts, behind the struct, how many pages of each user page table are mapped: a table whose last
// page goes goes, too. Range by range of one page table; its new tables a failed map_mem knows by
// their count of 0.

#include "mm/paging.h"

#include "lib/panic.h"
#include "lib/string.h"
#include "mm/allocation.h"
#include "mm/kvmalloc.h"

namespace
{

struct counted_pagedir : pagedir {
    uint16_t mapped[user_entries];
};

constexpr size_t struct_pages = (sizeof(counted_pagedir) + page_size - 1) / page_size;
constexpr int all_rights = PTE_PRESENT | PTE_WRITABLE | PTE_USER;

uint16_t kernel_pagedirs_counts[user_entries];

uint16_t &count_of(pagedir *pd, size_t i)
{
    return pd == &kernel_pagedir ? kernel_pagedirs_counts[i]
                                 : static_cast<counted_pagedir *>(pd)->mapped[i];
}

pte *table_of(pagedir *pd, size_t i)
{
    return i < user_entries ? pd->tables[i].table : kvpd[i - user_entries].table;
}

physical_address physical_of(const void *p)
{
    auto address = reinterpret_cast<uintptr_t>(p);
    return table_of(nullptr, directory_index(address))[table_index(address)].frame();
}

bool make_kernel_table(size_t i)
{
    physical_address frame;
    if (!kernel_table_frame(&frame))
        return false;
    pte *table = show_kernel_table(i - user_entries, frame);
    memset(table, 0, page_size);
    kvpd[i - user_entries].table = table;
    for (pagedir *pd = &kernel_pagedir; pd; pd = pd->next)
        pd->directory[i] = pte(frame, all_rights);
    return true;
}

bool make_user_table(pagedir *pd, size_t i)
{
    void *page = kvmalloc(1);
    if (!page)
        return false;
    memset(page, 0, page_size);
    pd->tables[i].table = static_cast<pte *>(page);
    pd->directory[i] = pte(physical_of(page), all_rights);
    count_of(pd, i) = 0;
    return true;
}

void drop_if_empty(pagedir *pd, size_t i)
{
    if (i >= user_entries || !pd->tables[i].table || count_of(pd, i) > 0)
        return;
    pd->directory[i] = pte();
    kvfree(pd->tables[i].table, 1);
    pd->tables[i].table = nullptr;
}

bool make_tables(pagedir *pd, size_t begin, size_t end)
{
    for (size_t i = begin; i <= end; i++) {
        if (table_of(pd, i) || (i < user_entries ? make_user_table(pd, i) : make_kernel_table(i)))
            continue;
        while (i-- > begin)
            drop_if_empty(pd, i);
        return false;
    }
    return true;
}

// Writes an entry, and says by how many more pages are mapped now: -1, 0 or 1.
int write(pte *table, size_t k, pte entry)
{
    int change = entry.present() - table[k].present();
    table[k] = entry;
    return change;
}

// Flushes what was changed, if it can be in the TLB.
void forget(pagedir *pd, uintptr_t start, size_t n_pages)
{
    if (start < kernel_base && pd->physical != active_directory())
        return;
    if (n_pages >= 64)
        load_directory(active_directory());
    else
        while (n_pages-- > 0)
            flush_page(start + n_pages * page_size);
}

bool multiple(uintptr_t address)
{
    return (address & (page_size - 1)) == 0;
}

// How many pages there are from an address to 4 GiB.
size_t pages_above(uintptr_t address)
{
    return (size_t{1} << 20) - address / page_size;
}

} // namespace

void create_init_pagedir()
{
    for (size_t i = 0; i < user_entries; i++)
        initial_directory[i] = pte();
    kernel_pagedir.directory = initial_directory;
    kernel_pagedir.physical = image_address(initial_directory);
    kvpd[0].table = kernel_table;
    link_pagedir(&kernel_pagedir);
    load_directory(kernel_pagedir.physical);
}

pagedir *create_pagedir()
{
    auto pd = static_cast<counted_pagedir *>(kvmalloc(struct_pages));
    auto directory = static_cast<pte *>(kvmalloc(1));
    if (!pd || !directory) {
        if (pd)
            kvfree(pd, struct_pages);
        if (directory)
            kvfree(directory, 1);
        return nullptr;
    }
    memset(pd, 0, sizeof *pd);
    memset(directory, 0, user_entries * sizeof(pte));
    memcpy(directory + user_entries, kernel_pagedir.directory + user_entries,
           kernel_entries * sizeof(pte));
    pd->directory = directory;
    pd->physical = physical_of(directory);
    link_pagedir(pd);
    return pd;
}

void destroy_pagedir(pagedir *pd)
{
    if (!pd)
        return;
    if (pd == &kernel_pagedir || pd->physical == active_directory())
        panic("destroy_pagedir: %p is needed", pd);
    unlink_pagedir(pd);
    for (vpde &entry : pd->tables)
        kvfree(entry.table, 1);
    kvfree(pd->directory, 1);
    kvfree(pd, struct_pages);
}

void switch_pagedir(pagedir *pd)
{
    load_directory(pd->physical);
}

bool translate(pagedir *pd, uintptr_t virtual_address, uintptr_t *physical, int *flags)
{
    if (!pd && virtual_address < kernel_base)
        return false;
    pte *table = table_of(pd, directory_index(virtual_address));
    if (!table || !table[table_index(virtual_address)].present())
        return false;
    pte entry = table[table_index(virtual_address)];
    *physical = number(entry.frame()) + virtual_address % page_size;
    *flags = entry.flags() & all_rights;
    return true;
}

int map_mem(pagedir *pd, uintptr_t physical, uintptr_t virtual_address, size_t n_pages, int flags)
{
    if (n_pages == 0)
        return 0;
    bool present = flags & PTE_PRESENT, user = virtual_address < kernel_base;
    if (!multiple(virtual_address) || n_pages > pages_above(virtual_address))
        return 1;
    if (present && (!multiple(physical) || n_pages > pages_above(physical)))
        return 1;
    if (user && (!pd || n_pages > (kernel_base - virtual_address) / page_size))
        return 1;
    size_t begin = directory_index(virtual_address);
    size_t end = directory_index(virtual_address + (n_pages - 1) * page_size);
    if (present && !make_tables(pd, begin, end))
        return 2;
    size_t done = 0;
    for (size_t i = begin; i <= end; i++) {
        pte *table = table_of(pd, i);
        int change = 0;
        for (size_t k = i == begin ? table_index(virtual_address) : 0;
             k < table_entries && done < n_pages; k++, done++)
            if (table)
                change += write(
                    table, k,
                    present ? pte(physical_address{physical + done * page_size}, flags & all_rights)
                            : pte());
        if (user && table)
            count_of(pd, i) += change;
        if (user)
            drop_if_empty(pd, i);
    }
    forget(pd, virtual_address, n_pages);
    return 0;
}
