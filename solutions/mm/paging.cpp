#include "mm/paging.h"

#include "lib/panic.h"
#include "lib/string.h"
#include "mm/allocation.h"
#include "mm/kvmalloc.h"

#include <algorithm>
#include <new>

// Page directories, and the one function that changes what they map.

namespace
{

constexpr size_t table_pages = 1; // a page table, and a page directory, is one page
constexpr size_t pagedir_pages = (sizeof(pagedir) + page_size - 1) / page_size;

// What map_mem answers if it can't be done.
constexpr int invalid = 1, no_memory = 2;

// Above so many pages, emptying the whole TLB is cheaper than flushing them one by one.
constexpr size_t flush_one_by_one = 32;

bool is_kernel(uintptr_t address)
{
    return address >= kernel_base;
}

// The vpde that an address belongs to.
vpde &vpde_of(pagedir *pd, uintptr_t address)
{
    size_t i = directory_index(address);
    return i >= user_entries ? kvpd[i - user_entries] : pd->tables[i];
}

// Where a page of the kernel's own lies in physical memory.
physical_address frame_of(const void *kernel_page)
{
    auto address = reinterpret_cast<uintptr_t>(kernel_page);
    return kvpd[directory_index(address) - user_entries].table[table_index(address)].frame();
}

// What a directory's entry allows: whatever a page below it may be given. The page's own entry
// decides.
constexpr int all_rights = PTE_PRESENT | PTE_WRITABLE | PTE_USER;

// A new page table of the kernel: every page directory gets it.
pte *make_kernel_table(uintptr_t address)
{
    size_t i = directory_index(address);
    physical_address frame;
    if (!kernel_table_frame(&frame))
        return nullptr;
    pte *table = show_kernel_table(i - user_entries, frame);
    memset(table, 0, page_size);
    for (pagedir *pd = &kernel_pagedir; pd; pd = pd->next)
        pd->directory[i] = pte(frame, all_rights);
    kvpd[i - user_entries].table = table;
    return table;
}

pte *make_user_table(pagedir *pd, uintptr_t address)
{
    auto table = static_cast<pte *>(kvmalloc(table_pages));
    if (!table)
        return nullptr;
    memset(table, 0, page_size);
    size_t i = directory_index(address);
    pd->directory[i] = pte(frame_of(table), all_rights);
    pd->tables[i].table = table;
    return table;
}

void drop_user_table(pagedir *pd, size_t i)
{
    pd->directory[i] = pte();
    kvfree(pd->tables[i].table, table_pages);
    pd->tables[i].table = nullptr;
}

bool make_table(pagedir *pd, uintptr_t address)
{
    return is_kernel(address) ? make_kernel_table(address) : make_user_table(pd, address);
}

// Makes the page tables of directory entries `begin` to `end` that are missing. If one can't be
// had, none of the user's stays that was made here; those of the kernel are for ever.
bool make_tables(pagedir *pd, size_t begin, size_t end)
{
    bool made[table_entries]; // written from `begin` on, as far as the loop has come
    for (size_t i = begin; i <= end; i++) {
        uintptr_t address = i * table_span;
        made[i] = !vpde_of(pd, address).table;
        if (!made[i] || make_table(pd, address))
            continue;
        for (size_t j = begin; j < i && j < user_entries; j++)
            if (made[j])
                drop_user_table(pd, j);
        return false;
    }
    return true;
}

// Whether the CPU may know translations of this range: the kernel part is in every directory.
bool in_use(pagedir *pd, uintptr_t address)
{
    return is_kernel(address) || pd->physical == active_directory();
}

void flush(pagedir *pd, uintptr_t first, size_t n_pages)
{
    if (!in_use(pd, first))
        return;
    if (n_pages > flush_one_by_one)
        return load_directory(active_directory());
    for (size_t i = 0; i < n_pages; i++)
        flush_page(first + i * page_size);
}

// Writes the entries of one page table for the pages from `first` to `last`, both included. True if
// one of them was present before: only then can the TLB know it. Unrolled: of the six instructions
// for a page, three only counted.
bool write_entries(pte *table, uintptr_t first, uintptr_t last, pte entry)
{
    uint32_t were = 0;
    uint32_t step = entry.present() ? page_size : 0;
#pragma GCC unroll 4
    for (size_t i = table_index(first); i <= table_index(last); i++) {
        were |= table[i].bits;
        table[i] = entry;
        entry.bits += step;
    }
    return were & PTE_PRESENT;
}

bool wraps(uintptr_t start, size_t n_pages)
{
    return n_pages - 1 > (UINTPTR_MAX - start) / page_size;
}

bool valid_request(const pagedir *pd, uintptr_t physical, uintptr_t first, size_t n_pages,
                   bool mapping)
{
    if (first % page_size != 0 || wraps(first, n_pages))
        return false;
    if (mapping && (physical % page_size != 0 || wraps(physical, n_pages)))
        return false;
    uintptr_t last = first + (n_pages - 1) * page_size;
    return is_kernel(first) == is_kernel(last) && (pd || is_kernel(first));
}

} // namespace

void create_init_pagedir()
{
    kernel_pagedir.physical = image_address(initial_directory);
    kernel_pagedir.directory = initial_directory;
    kvpd[0].table = kernel_table;
    std::fill_n(initial_directory, user_entries, pte());
    load_directory(kernel_pagedir.physical);
    link_pagedir(&kernel_pagedir);
}

pagedir *create_pagedir()
{
    void *memory = kvmalloc(pagedir_pages);
    auto directory = static_cast<pte *>(kvmalloc(table_pages));
    if (!memory || !directory) {
        kvfree(memory, pagedir_pages);
        kvfree(directory, table_pages);
        return nullptr;
    }
    auto pd = new (memory) pagedir{};
    pd->physical = frame_of(directory);
    pd->directory = directory;
    std::fill_n(directory, user_entries, pte());
    std::copy(kernel_pagedir.directory + user_entries, kernel_pagedir.directory + table_entries,
              directory + user_entries);
    link_pagedir(pd);
    return pd;
}

void destroy_pagedir(pagedir *pd)
{
    if (!pd)
        return;
    if (pd == &kernel_pagedir || pd->physical == active_directory())
        panic("destroy_pagedir: %s page directory can't be destroyed",
              pd == &kernel_pagedir ? "the first" : "the active");
    unlink_pagedir(pd);
    for (size_t i = 0; i < user_entries; i++)
        if (pd->tables[i].table)
            drop_user_table(pd, i);
    kvfree(pd->directory, table_pages);
    kvfree(pd, pagedir_pages);
}

void switch_pagedir(pagedir *pd)
{
    load_directory(pd->physical);
}

bool translate(pagedir *pd, uintptr_t virtual_address, uintptr_t *physical, int *flags)
{
    if (!pd && !is_kernel(virtual_address))
        return false;
    const pte *table = vpde_of(pd, virtual_address).table;
    if (!table || !table[table_index(virtual_address)].present())
        return false;
    pte entry = table[table_index(virtual_address)];
    *physical = number(entry.frame()) + virtual_address % page_size;
    *flags = entry.flags() & pte_rights;
    return true;
}

int map_mem(pagedir *pd, uintptr_t physical, uintptr_t virtual_address, size_t n_pages, int flags)
{
    bool mapping = flags & PTE_PRESENT;
    if (n_pages == 0)
        return 0;
    if (!valid_request(pd, physical, virtual_address, n_pages, mapping))
        return invalid;
    uintptr_t last = virtual_address + (n_pages - 1) * page_size;
    size_t begin = directory_index(virtual_address), end = directory_index(last);
    if (mapping && !make_tables(pd, begin, end))
        return no_memory;

    bool stale = false;
    pte entry = mapping ? pte(physical_address{physical}, flags & pte_rights) : pte();
    for (size_t i = begin; i <= end; i++) {
        uintptr_t from = std::max(virtual_address, i * table_span);
        uintptr_t to = std::min(last, i * table_span + (table_span - 1));
        if (pte *table = vpde_of(pd, from).table)
            stale |= write_entries(table, from, to, entry);
        if (mapping)
            entry.bits += to + 1 - from;
    }
    if (stale)
        flush(pd, virtual_address, n_pages);
    return 0;
}
