// One page after the other: each looks its page table up anew, and is flushed by itself. Of what a
// failed map_mem made it keeps no list: whatever user page tables are empty afterwards go.

#include "mm/paging.h"

#include "lib/panic.h"
#include "lib/string.h"
#include "mm/allocation.h"
#include "mm/kvmalloc.h"

namespace {

constexpr size_t pagedir_pages = (sizeof(pagedir) + page_size - 1) / page_size;

bool is_user(uintptr_t address)
{
    return address < kernel_base;
}

bool is_active(const pagedir *pd)
{
    return pd->physical == active_directory();
}

pte *find_table(const pagedir *pd, uintptr_t address)
{
    size_t i = directory_index(address);
    return is_user(address) ? pd->tables[i].table : kvpd[i - user_entries].table;
}

physical_address frame_behind(const void *kernel_page)
{
    uintptr_t frame = 0;
    int flags;
    translate(nullptr, reinterpret_cast<uintptr_t>(kernel_page), &frame, &flags);
    return physical_address{frame};
}

bool add_kernel_table(size_t i)
{
    physical_address frame;
    if (!kernel_table_frame(&frame))
        return false;
    pte *table = show_kernel_table(i - user_entries, frame);
    memset(table, 0, page_size);
    for (pagedir *pd = &kernel_pagedir; pd; pd = pd->next)
        pd->directory[i] = pte(frame, PTE_PRESENT | PTE_WRITABLE | PTE_USER);
    kvpd[i - user_entries].table = table;
    return true;
}

bool add_user_table(pagedir *pd, size_t i)
{
    auto table = static_cast<pte *>(kvmalloc(1));
    if (!table)
        return false;
    memset(table, 0, page_size);
    pd->directory[i] = pte(frame_behind(table), PTE_PRESENT | PTE_WRITABLE | PTE_USER);
    pd->tables[i].table = table;
    return true;
}

bool add_table(pagedir *pd, uintptr_t address)
{
    size_t i = directory_index(address);
    return is_user(address) ? add_user_table(pd, i) : add_kernel_table(i);
}

bool is_empty(const pte *table)
{
    for (size_t i = 0; i < table_entries; i++)
        if (table[i].present())
            return false;
    return true;
}

void remove_table(pagedir *pd, size_t i)
{
    pd->directory[i] = pte();
    kvfree(pd->tables[i].table, 1);
    pd->tables[i].table = nullptr;
}

void remove_empty_tables(pagedir *pd)
{
    for (size_t i = 0; i < user_entries; i++)
        if (pd->tables[i].table && is_empty(pd->tables[i].table))
            remove_table(pd, i);
}

bool add_tables(pagedir *pd, uintptr_t start, size_t n_pages)
{
    for (size_t i = 0; i < n_pages; i++) {
        uintptr_t page = start + i * page_size;
        if (!find_table(pd, page) && !add_table(pd, page)) {
            if (is_user(start))
                remove_empty_tables(pd);
            return false;
        }
    }
    return true;
}

void set_page(pagedir *pd, uintptr_t page, pte entry)
{
    pte *table = find_table(pd, page);
    if (!table)
        return;
    table[table_index(page)] = entry;
    if (!is_user(page) || is_active(pd))
        flush_page(page);
}

bool is_range(uintptr_t start, size_t n_pages)
{
    return start % page_size == 0 && n_pages <= (size_t{1} << 20) - start / page_size;
}

} // namespace

void create_init_pagedir()
{
    kernel_pagedir.directory = initial_directory;
    kernel_pagedir.physical = active_directory();
    kvpd[0].table = kernel_table;
    for (size_t i = 0; i < user_entries; i++)
        initial_directory[i] = pte();
    load_directory(kernel_pagedir.physical);
    link_pagedir(&kernel_pagedir);
}

pagedir *create_pagedir()
{
    auto pd = static_cast<pagedir *>(kvmalloc(pagedir_pages));
    if (!pd)
        return nullptr;
    memset(pd, 0, sizeof *pd);
    pd->directory = static_cast<pte *>(kvmalloc(1));
    if (!pd->directory) {
        kvfree(pd, pagedir_pages);
        return nullptr;
    }
    pd->physical = frame_behind(pd->directory);
    for (size_t i = 0; i < table_entries; i++)
        pd->directory[i] = i < user_entries ? pte() : kernel_pagedir.directory[i];
    link_pagedir(pd);
    return pd;
}

void destroy_pagedir(pagedir *pd)
{
    if (!pd)
        return;
    if (pd == &kernel_pagedir)
        panic("the first page directory is for ever");
    if (is_active(pd))
        panic("the active page directory is in use");
    unlink_pagedir(pd);
    for (size_t i = 0; i < user_entries; i++)
        kvfree(pd->tables[i].table, 1);
    kvfree(pd->directory, 1);
    kvfree(pd, pagedir_pages);
}

void switch_pagedir(pagedir *pd)
{
    load_directory(pd->physical);
}

bool translate(pagedir *pd, uintptr_t virtual_address, uintptr_t *physical, int *flags)
{
    if (is_user(virtual_address) && !pd)
        return false;
    const pte *table = find_table(pd, virtual_address);
    if (!table)
        return false;
    pte entry = table[table_index(virtual_address)];
    if (!entry.present())
        return false;
    *physical = number(entry.frame()) | virtual_address % page_size;
    *flags = entry.flags() & pte_rights;
    return true;
}

int map_mem(pagedir *pd, uintptr_t physical, uintptr_t virtual_address, size_t n_pages, int flags)
{
    bool mapping = flags & PTE_PRESENT;
    if (n_pages == 0)
        return 0;
    if (!is_range(virtual_address, n_pages) || (mapping && !is_range(physical, n_pages)))
        return 1;
    uintptr_t last = virtual_address + (n_pages - 1) * page_size;
    if (is_user(virtual_address) && (!pd || !is_user(last)))
        return 2;
    if (mapping && !add_tables(pd, virtual_address, n_pages))
        return 3;
    for (size_t i = 0; i < n_pages; i++) {
        physical_address frame{physical + i * page_size};
        set_page(pd, virtual_address + i * page_size,
                 mapping ? pte(frame, flags & pte_rights) : pte());
    }
    return 0;
}
