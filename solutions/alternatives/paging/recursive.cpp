// The range is cut at the borders of page tables. For each piece map_mem makes the page table,
// calls itself for what is behind the piece, and only if that went well writes the entries: so
// nothing is mapped before everything can be, and each call undoes what it did itself.

#include "mm/paging.h"

#include "lib/panic.h"
#include "lib/string.h"
#include "mm/allocation.h"
#include "mm/kvmalloc.h"

#include <algorithm>
#include <new>

static pte **slot_of(pagedir *pd, uintptr_t address)
{
    size_t i = directory_index(address);
    return i < user_entries ? &pd->tables[i].table : &kvpd[i - user_entries].table;
}

static physical_address frame_of(void *page)
{
    auto address = reinterpret_cast<uintptr_t>(page);
    return (*slot_of(nullptr, address))[table_index(address)].frame();
}

static pte *new_table(pagedir *pd, uintptr_t address)
{
    constexpr int rights = PTE_PRESENT | PTE_WRITABLE | PTE_USER;
    size_t i = directory_index(address);
    pte *table = nullptr;
    if (physical_address frame; i >= user_entries && kernel_table_frame(&frame)) {
        table = show_kernel_table(i - user_entries, frame);
        for (pagedir *each = &kernel_pagedir; each; each = each->next)
            each->directory[i] = pte(frame, rights);
    } else if (i < user_entries && (table = static_cast<pte *>(kvmalloc(1)))) {
        pd->directory[i] = pte(frame_of(table), rights);
    }
    if (table)
        std::fill(table, table + table_entries, pte());
    return *slot_of(pd, address) = table;
}

static void forget(pagedir *pd, uintptr_t page)
{
    if (page >= kernel_base || pd->physical == active_directory())
        flush_page(page);
}

static bool map_pieces(pagedir *pd, uintptr_t physical, uintptr_t start, size_t n_pages, int flags)
{
    if (n_pages == 0)
        return true;
    size_t count = std::min(n_pages, table_entries - table_index(start));
    pte *table = *slot_of(pd, start);
    bool made = !table && (flags & PTE_PRESENT);
    if (made && !(table = new_table(pd, start)))
        return false;
    if (!map_pieces(pd, physical + count * page_size, start + count * page_size, n_pages - count,
                    flags)) {
        if (made && start < kernel_base) {
            pd->directory[directory_index(start)] = pte();
            *slot_of(pd, start) = nullptr;
            kvfree(table, 1);
        }
        return false;
    }
    for (size_t i = 0; table && i < count; i++) {
        pte &entry = table[table_index(start) + i];
        bool was_present = entry.present();
        entry = flags & PTE_PRESENT
                    ? pte(physical_address{physical + i * page_size}, flags & pte_rights)
                    : pte();
        if (was_present)
            forget(pd, start + i * page_size);
    }
    return true;
}

void create_init_pagedir()
{
    kernel_pagedir.directory = initial_directory;
    kernel_pagedir.physical = active_directory();
    kvpd[0].table = kernel_table;
    link_pagedir(&kernel_pagedir);
    for (size_t i = 0; i < user_entries; i++)
        initial_directory[i] = pte();
    switch_pagedir(&kernel_pagedir);
}

pagedir *create_pagedir()
{
    constexpr size_t pages = (sizeof(pagedir) + page_size - 1) / page_size;
    void *memory = kvmalloc(pages);
    if (!memory)
        return nullptr;
    auto pd = new (memory) pagedir{};
    pd->directory = static_cast<pte *>(kvmalloc(1));
    if (!pd->directory) {
        kvfree(memory, pages);
        return nullptr;
    }
    pd->physical = frame_of(pd->directory);
    for (size_t i = 0; i < table_entries; i++)
        pd->directory[i] = i < user_entries ? pte() : initial_directory[i];
    link_pagedir(pd);
    return pd;
}

void destroy_pagedir(pagedir *pd)
{
    if (!pd)
        return;
    if (pd == &kernel_pagedir || pd->physical == active_directory())
        panic("destroy_pagedir: not this one");
    unlink_pagedir(pd);
    for (size_t i = 0; i < user_entries; i++)
        if (pd->tables[i].table)
            kvfree(pd->tables[i].table, 1);
    kvfree(pd->directory, 1);
    kvfree(pd, (sizeof(pagedir) + page_size - 1) / page_size);
}

void switch_pagedir(pagedir *pd)
{
    load_directory(pd->physical);
}

bool translate(pagedir *pd, uintptr_t virtual_address, uintptr_t *physical, int *flags)
{
    if (virtual_address < kernel_base && !pd)
        return false;
    pte *table = *slot_of(pd, virtual_address);
    pte entry = table ? table[table_index(virtual_address)] : pte();
    if (!entry.present())
        return false;
    *physical = number(entry.frame()) + virtual_address % page_size;
    *flags = entry.flags() & pte_rights;
    return true;
}

int map_mem(pagedir *pd, uintptr_t physical, uintptr_t virtual_address, size_t n_pages, int flags)
{
    constexpr uint64_t pages_in_all = uint64_t{1} << 20;
    uint64_t first = virtual_address / page_size, end = first + n_pages;
    if (n_pages == 0)
        return 0;
    if (virtual_address % page_size || end > pages_in_all)
        return 22;
    if ((flags & PTE_PRESENT) &&
        (physical % page_size || physical / page_size + uint64_t{n_pages} > pages_in_all))
        return 22;
    if (first < kernel_base / page_size && (!pd || end > kernel_base / page_size))
        return 14;
    return map_pieces(pd, physical, virtual_address, n_pages, flags) ? 0 : 12;
}
