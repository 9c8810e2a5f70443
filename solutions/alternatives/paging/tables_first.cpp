// map_mem first obtains all page tables that it may need, chained through their own first words,
// and installs them only when it has the last of them. Whether there is a page table the directory
// itself tells. Every page that is written to is flushed, whatever it was before.

#include "mm/paging.h"

#include "lib/panic.h"
#include "lib/string.h"
#include "mm/allocation.h"
#include "mm/kvmalloc.h"

namespace
{

constexpr size_t page = page_size;
constexpr uint64_t address_end = uint64_t{1} << 32;
constexpr int in_directory = PTE_PRESENT | PTE_WRITABLE | PTE_USER;

// A page table that nothing leads to yet.
struct unused_table {
    unused_table *next;
};

pagedir &owner_of(pagedir *pd, size_t entry)
{
    return entry < user_entries ? *pd : kernel_pagedir;
}

pte *table_at(pagedir *pd, size_t entry)
{
    if (!owner_of(pd, entry).directory[entry].present())
        return nullptr;
    return entry < user_entries ? pd->tables[entry].table : kvpd[entry - user_entries].table;
}

physical_address frame_of(void *kernel_page)
{
    auto address = reinterpret_cast<uintptr_t>(kernel_page);
    return table_at(nullptr, directory_index(address))[table_index(address)].frame();
}

void give_back(unused_table *tables)
{
    while (tables) {
        unused_table *next = tables->next;
        kvfree(tables, 1);
        tables = next;
    }
}

// As many page tables as the range [entry, end) of a user part lacks. False: none is kept.
bool obtain_tables(pagedir *pd, size_t entry, size_t end, unused_table *&tables)
{
    for (; entry < end; entry++) {
        if (table_at(pd, entry))
            continue;
        auto table = static_cast<unused_table *>(kvmalloc(1));
        if (!table) {
            give_back(tables);
            return false;
        }
        table->next = tables;
        tables = table;
    }
    return true;
}

void install(pagedir *pd, size_t entry, void *table)
{
    pd->directory[entry] = pte(frame_of(table), in_directory);
    pd->tables[entry].table = static_cast<pte *>(memset(table, 0, page));
}

bool make_user_tables(pagedir *pd, size_t entry, size_t end)
{
    unused_table *tables = nullptr;
    if (!obtain_tables(pd, entry, end, tables))
        return false;
    for (; entry < end; entry++) {
        if (table_at(pd, entry))
            continue;
        unused_table *table = tables;
        tables = table->next;
        install(pd, entry, table);
    }
    return true;
}

bool make_kernel_tables(size_t entry, size_t end)
{
    for (; entry < end; entry++) {
        physical_address frame;
        if (table_at(nullptr, entry))
            continue;
        if (!kernel_table_frame(&frame))
            return false;
        pte *table = show_kernel_table(entry - user_entries, frame);
        kvpd[entry - user_entries].table = static_cast<pte *>(memset(table, 0, page));
        for (pagedir *pd = &kernel_pagedir; pd; pd = pd->next)
            pd->directory[entry] = pte(frame, in_directory);
    }
    return true;
}

bool make_tables(pagedir *pd, size_t entry, size_t end)
{
    return entry < user_entries ? make_user_tables(pd, entry, end) : make_kernel_tables(entry, end);
}

// Whether the range can be mapped or unmapped at all. Its end as a number that may be 2^32.
bool may_change(const pagedir *pd, uintptr_t start, uint64_t end)
{
    if (start % page != 0 || end > address_end)
        return false;
    return start >= kernel_base || (pd && end <= kernel_base);
}

} // namespace

void create_init_pagedir()
{
    kernel_pagedir = {nullptr, nullptr, image_address(initial_directory), initial_directory, {}};
    kvpd[0].table = kernel_table;
    memset(initial_directory, 0, user_entries * sizeof(pte));
    link_pagedir(&kernel_pagedir);
    load_directory(kernel_pagedir.physical);
}

pagedir *create_pagedir()
{
    constexpr size_t struct_pages = (sizeof(pagedir) + page - 1) / page;
    auto directory = static_cast<pte *>(kvmalloc(1));
    auto pd = directory ? static_cast<pagedir *>(kvmalloc(struct_pages)) : nullptr;
    if (!pd) {
        kvfree(directory, 1);
        return nullptr;
    }
    memset(pd, 0, sizeof(pagedir));
    pd->directory = directory;
    pd->physical = frame_of(directory);
    for (size_t i = 0; i < table_entries; i++)
        directory[i] = i < user_entries ? pte() : initial_directory[i];
    link_pagedir(pd);
    return pd;
}

void destroy_pagedir(pagedir *pd)
{
    if (!pd)
        return;
    if (pd == &kernel_pagedir)
        panic("destroy_pagedir: the kernel's own");
    if (pd->physical == active_directory())
        panic("destroy_pagedir: it is active");
    for (size_t i = 0; i < user_entries; i++)
        kvfree(table_at(pd, i), 1);
    unlink_pagedir(pd);
    kvfree(pd->directory, 1);
    kvfree(pd, (sizeof(pagedir) + page - 1) / page);
}

void switch_pagedir(pagedir *pd)
{
    if (pd->physical != active_directory())
        load_directory(pd->physical);
}

bool translate(pagedir *pd, uintptr_t virtual_address, uintptr_t *physical, int *flags)
{
    size_t entry = directory_index(virtual_address);
    if (entry < user_entries && !pd)
        return false;
    pte *table = table_at(pd, entry);
    pte found = table ? table[table_index(virtual_address)] : pte();
    if (!found.present())
        return false;
    *physical = number(found.frame()) | (virtual_address & (page - 1));
    *flags = found.flags() & in_directory;
    return true;
}

int map_mem(pagedir *pd, uintptr_t physical, uintptr_t virtual_address, size_t n_pages, int flags)
{
    uint64_t end = virtual_address + uint64_t{n_pages} * page;
    bool mapping = flags & PTE_PRESENT;
    if (n_pages == 0)
        return 0;
    if (!may_change(pd, virtual_address, end))
        return 1;
    if (mapping && (physical % page != 0 || physical + uint64_t{n_pages} * page > address_end))
        return 2;
    if (mapping && !make_tables(pd, directory_index(virtual_address), (end - 1) / table_span + 1))
        return 3;
    for (uint64_t at = virtual_address; at < end; at += page) {
        if (pte *table = table_at(pd, at / table_span)) {
            table[table_index(at)] =
                mapping ? pte(physical_address{physical}, flags & in_directory) : pte();
            flush_page(at);
        }
        physical += page;
    }
    return 0;
}
