// A page directory and its struct lie in one block of kvmalloc's, the directory first. map_mem goes
// from page table to page table and always empties the whole TLB. It marks the directory entries
// that are new with a bit that the CPU leaves to the kernel, so that it can take them back; and a
// user page table goes as soon as it is empty.

#include "mm/paging.h"

#include "lib/panic.h"
#include "mm/allocation.h"
#include "mm/kvmalloc.h"

#include <algorithm>
#include <new>
#include <span>

namespace {

struct block {
    pte entries[table_entries];
    pagedir pd;
};
constexpr size_t block_pages = (sizeof(block) + page_size - 1) / page_size;

constexpr int PTE_NEW = 1 << 9;
constexpr int open = PTE_PRESENT | PTE_WRITABLE | PTE_USER;

// The part of a range that one page table translates.
struct part {
    size_t entry; // of the directory
    size_t first; // of the table
    size_t count;
};

// Cuts a range into parts, and calls body(part) for each until one returns false.
template <typename Body>
bool each_part(uintptr_t start, size_t n_pages, Body body)
{
    size_t page = start / page_size;
    while (n_pages > 0) {
        size_t first = page % table_entries;
        part p{page / table_entries, first, std::min(n_pages, table_entries - first)};
        if (!body(p))
            return false;
        page += p.count;
        n_pages -= p.count;
    }
    return true;
}

pte *&table_at(pagedir *pd, size_t entry)
{
    return entry < user_entries ? pd->tables[entry].table : kvpd[entry - user_entries].table;
}

uintptr_t physical_of(const void *page)
{
    uintptr_t physical = 0;
    int flags = 0;
    if (!translate(nullptr, reinterpret_cast<uintptr_t>(page), &physical, &flags))
        panic("kvmalloc's page %p is mapped nowhere", page);
    return physical;
}

bool make_table(pagedir *pd, size_t entry)
{
    pte *table;
    if (entry < user_entries) {
        table = static_cast<pte *>(kvmalloc(1));
        if (!table)
            return false;
        pd->directory[entry] = pte(physical_address{physical_of(table)}, open | PTE_NEW);
    } else {
        physical_address frame;
        if (!kernel_table_frame(&frame))
            return false;
        table = show_kernel_table(entry - user_entries, frame);
        for (pagedir *each = &kernel_pagedir; each; each = each->next)
            each->directory[entry] = pte(frame, open);
    }
    std::fill_n(table, table_entries, pte());
    table_at(pd, entry) = table;
    return true;
}

void free_table(pagedir *pd, size_t entry)
{
    kvfree(pd->tables[entry].table, 1);
    pd->tables[entry].table = nullptr;
    pd->directory[entry] = pte();
}

// The new page tables of a range: settles that they stay, or takes them back.
void settle(pagedir *pd, uintptr_t start, size_t n_pages, bool stay)
{
    each_part(start, n_pages, [&](part p) {
        if (p.entry >= user_entries || !(pd->directory[p.entry].bits & PTE_NEW))
            return true;
        if (stay)
            pd->directory[p.entry].bits &= ~PTE_NEW;
        else
            free_table(pd, p.entry);
        return true;
    });
}

bool add_tables(pagedir *pd, uintptr_t start, size_t n_pages)
{
    bool all = each_part(start, n_pages, [&](part p) {
        return table_at(pd, p.entry) || make_table(pd, p.entry);
    });
    settle(pd, start, n_pages, all);
    return all;
}

void map(pagedir *pd, uintptr_t start, size_t n_pages, uintptr_t physical, int flags)
{
    each_part(start, n_pages, [&](part p) {
        for (pte &entry : std::span(table_at(pd, p.entry) + p.first, p.count)) {
            entry = pte(physical_address{physical}, flags);
            physical += page_size;
        }
        return true;
    });
}

void unmap(pagedir *pd, uintptr_t start, size_t n_pages)
{
    each_part(start, n_pages, [&](part p) {
        pte *table = table_at(pd, p.entry);
        if (!table)
            return true;
        std::fill_n(table + p.first, p.count, pte());
        bool empty = std::none_of(table, table + table_entries, [](pte e) { return e.present(); });
        if (empty && p.entry < user_entries)
            free_table(pd, p.entry);
        return true;
    });
}

// Whether n_pages pages from `start` on lie between `from` and `to`, a page number.
bool lies_between(uint64_t start, uint64_t n_pages, uint64_t from, uint64_t to)
{
    return start % page_size == 0 && start >= from && start + n_pages * page_size <= to;
}

} // namespace

void create_init_pagedir()
{
    kernel_pagedir = {};
    kernel_pagedir.physical = image_address(initial_directory);
    kernel_pagedir.directory = initial_directory;
    kvpd[0].table = kernel_table;
    link_pagedir(&kernel_pagedir);
    std::fill_n(initial_directory, user_entries, pte());
    load_directory(kernel_pagedir.physical);
}

pagedir *create_pagedir()
{
    void *memory = kvmalloc(block_pages);
    if (!memory)
        return nullptr;
    auto b = new (memory) block{};
    b->pd.physical = physical_address{physical_of(b)};
    b->pd.directory = b->entries;
    std::copy_n(initial_directory + user_entries, kernel_entries, b->entries + user_entries);
    link_pagedir(&b->pd);
    return &b->pd;
}

void destroy_pagedir(pagedir *pd)
{
    if (!pd)
        return;
    if (pd == &kernel_pagedir || pd->physical == active_directory())
        panic("this page directory has to stay");
    for (size_t i = 0; i < user_entries; i++)
        if (pd->tables[i].table)
            free_table(pd, i);
    unlink_pagedir(pd);
    kvfree(pd->directory, block_pages);
}

void switch_pagedir(pagedir *pd)
{
    load_directory(pd->physical);
}

bool translate(pagedir *pd, uintptr_t virtual_address, uintptr_t *physical, int *flags)
{
    size_t entry = directory_index(virtual_address);
    if (entry < user_entries && !pd)
        return false;
    pte *table = table_at(pd, entry);
    pte page = table ? table[table_index(virtual_address)] : pte();
    if (!page.present())
        return false;
    *physical = number(page.frame()) + virtual_address % page_size;
    *flags = page.flags() & open;
    return true;
}

int map_mem(pagedir *pd, uintptr_t physical, uintptr_t virtual_address, size_t n_pages, int flags)
{
    constexpr uint64_t four_gib = uint64_t{1} << 32;
    if (n_pages == 0)
        return 0;
    bool user = pd && lies_between(virtual_address, n_pages, 0, kernel_base);
    if (!user && !lies_between(virtual_address, n_pages, kernel_base, four_gib))
        return -1;
    if (!(flags & PTE_PRESENT)) {
        unmap(pd, virtual_address, n_pages);
    } else {
        if (!lies_between(physical, n_pages, 0, four_gib))
            return -1;
        if (!add_tables(pd, virtual_address, n_pages))
            return -1;
        map(pd, virtual_address, n_pages, physical, flags & open);
    }
    load_directory(active_directory());
    return 0;
}
