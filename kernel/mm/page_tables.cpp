#include "arch/cpu.h"
#include "mm/paging.h"

// The parts of paging that the labs give: the list of page directories, the window for the kernel's
// page tables, and the CPU's side.

vpde kvpd[kernel_entries];
pagedir kernel_pagedir;

void link_pagedir(pagedir *pd)
{
    if (pd == &kernel_pagedir) {
        pd->next = pd->previous = nullptr;
        return;
    }
    pd->next = kernel_pagedir.next;
    pd->previous = &kernel_pagedir;
    if (pd->next)
        pd->next->previous = pd;
    kernel_pagedir.next = pd;
}

void unlink_pagedir(pagedir *pd)
{
    if (pd->next)
        pd->next->previous = pd->previous;
    if (pd->previous)
        pd->previous->next = pd->next;
    pd->next = pd->previous = nullptr;
}

physical_address active_directory()
{
    return physical_address{read_cr3()};
}

void load_directory(physical_address directory)
{
    write_cr3(number(directory));
}

void flush_page(uintptr_t virtual_address)
{
    invalidate_page(virtual_address);
}

pte *show_kernel_table(size_t i, physical_address frame)
{
    constexpr size_t window = table_entries - kernel_entries;
    kernel_table[window + i] = pte(frame, PTE_PRESENT | PTE_WRITABLE);
    uintptr_t address = kernel_base + (window + i) * page_size;
    flush_page(address);
    return reinterpret_cast<pte *>(address);
}
