// A directory's entry allows no more than some page below it needs: its rights are raised when one
// does, and never lowered. Whether there is a table the directory says; vpdes are only followed.
// Each page is flushed by itself, whatever it was before. Errors are negative, each has its own.

#include "mm/paging.h"

#include "lib/panic.h"
#include "lib/string.h"
#include "mm/allocation.h"
#include "mm/kvmalloc.h"

namespace
{
enum error : int {
    fine = 0,
    crooked = -1,
    too_long = -2,
    across = -3,
    nobody = -4,
    no_memory = -5
};

constexpr size_t struct_pages = (sizeof(pagedir) + page_size - 1) / page_size;

bool is_user(uintptr_t address)
{
    return address < kernel_base;
}

pte *table(pagedir *pd, size_t i)
{
    if (i >= user_entries)
        return kernel_pagedir.directory[i].present() ? kvpd[i - user_entries].table : nullptr;
    return pd->directory[i].present() ? pd->tables[i].table : nullptr;
}

physical_address frame_behind(const void *page)
{
    uintptr_t physical;
    int flags;
    if (!translate(nullptr, reinterpret_cast<uintptr_t>(page), &physical, &flags))
        panic("kvmalloc gave %p, which is not mapped", page);
    return physical_address{physical};
}

void enter(pagedir *pd, size_t i, pte entry)
{
    if (i < user_entries) {
        pd->directory[i] = entry;
        return;
    }
    for (pagedir *each = &kernel_pagedir; each; each = each->next)
        each->directory[i] = entry;
}

bool make_table(pagedir *pd, size_t i)
{
    pte *t;
    physical_address frame;
    if (i < user_entries) {
        t = static_cast<pte *>(kvmalloc(1));
        if (!t)
            return false;
        frame = frame_behind(t);
        pd->tables[i].table = t;
    } else {
        if (!kernel_table_frame(&frame))
            return false;
        t = kvpd[i - user_entries].table = show_kernel_table(i - user_entries, frame);
    }
    memset(t, 0, page_size);
    enter(pd, i, pte(frame, PTE_PRESENT));
    return true;
}

void remove_table(pagedir *pd, size_t i)
{
    if (i >= user_entries)
        return; // for ever
    pd->directory[i] = pte();
    kvfree(pd->tables[i].table, 1);
    pd->tables[i].table = nullptr;
}

error fit(pagedir *pd, uintptr_t physical, uintptr_t address, size_t n, bool present)
{
    uintptr_t last = (n - 1) * page_size;
    if (address % page_size || (present && physical % page_size))
        return crooked;
    if (n > size_t{1} << 20 || address + last < address || (present && physical + last < physical))
        return too_long;
    if (is_user(address) != is_user(address + last))
        return across;
    if (is_user(address) && !pd)
        return nobody;
    return fine;
}

bool active(pagedir *pd, uintptr_t address)
{
    return !is_user(address) || pd->physical == active_directory();
}

void write(pagedir *pd, uintptr_t address, pte entry)
{
    size_t i = directory_index(address);
    pte above = kernel_pagedir.directory[i];
    if (is_user(address))
        above = pd->directory[i];
    if (int more = entry.flags() & ~above.flags())
        enter(pd, i, pte(above.frame(), above.flags() | more));
    table(pd, i)[table_index(address)] = entry;
    if (active(pd, address))
        flush_page(address);
}
} // namespace

void create_init_pagedir()
{
    kernel_pagedir.physical = image_address(initial_directory);
    kernel_pagedir.directory = initial_directory;
    kvpd[0] = {kernel_table};
    for (size_t i = 0; i != user_entries; i++)
        initial_directory[i].bits = 0;
    link_pagedir(&kernel_pagedir);
    switch_pagedir(&kernel_pagedir);
}

pagedir *create_pagedir()
{
    auto pd = static_cast<pagedir *>(kvmalloc(struct_pages));
    if (!pd)
        return nullptr;
    memset(static_cast<void *>(pd), 0, sizeof *pd);
    pd->directory = static_cast<pte *>(kvmalloc(1));
    if (!pd->directory) {
        kvfree(pd, struct_pages);
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
        panic("the first page directory stays");
    if (pd->physical == active_directory())
        panic("the active page directory stays");
    for (size_t i = user_entries; i-- > 0;)
        if (pd->directory[i].present())
            remove_table(pd, i);
    unlink_pagedir(pd);
    kvfree(pd->directory, 1);
    kvfree(pd, struct_pages);
}

void switch_pagedir(pagedir *pd)
{
    load_directory(pd->physical);
}

bool translate(pagedir *pd, uintptr_t virtual_address, uintptr_t *physical, int *flags)
{
    if (is_user(virtual_address) && !pd)
        return false;
    size_t i = directory_index(virtual_address);
    pte *t = table(pd, i);
    if (!t)
        return false;
    pte above = is_user(virtual_address) ? pd->directory[i] : kernel_pagedir.directory[i];
    pte entry = t[table_index(virtual_address)];
    if (!entry.present())
        return false;
    *physical = number(entry.frame()) | (virtual_address & (page_size - 1));
    *flags = entry.flags() & above.flags() & pte_rights;
    return true;
}

int map_mem(pagedir *pd, uintptr_t physical, uintptr_t virtual_address, size_t n_pages, int flags)
{
    if (n_pages == 0)
        return fine;
    const bool present = flags & PTE_PRESENT;
    if (error e = fit(pd, physical, virtual_address, n_pages, present))
        return e;
    const size_t first = directory_index(virtual_address);
    const size_t last = directory_index(virtual_address + (n_pages - 1) * page_size);
    if (present) {
        bool made[table_entries] = {};
        for (size_t i = first; i <= last; i++) {
            if (table(pd, i))
                continue;
            made[i] = make_table(pd, i);
            if (made[i])
                continue;
            for (size_t k = first; k < i; k++)
                if (made[k])
                    remove_table(pd, k);
            return no_memory;
        }
    }
    for (size_t k = 0; k < n_pages; k++) {
        uintptr_t address = virtual_address + k * page_size;
        if (present)
            write(pd, address, pte(physical_address{physical + k * page_size}, flags & pte_rights));
        else if (table(pd, directory_index(address)))
            write(pd, address, pte());
    }
    return fine;
}
