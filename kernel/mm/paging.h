#pragma once

#include "mm/pte.h"

#include <stddef.h>
#include <stdint.h>

// Page directories and what they map.
//
// Every address space has a page directory. Its user part (the first user_entries entries) is its
// own; its kernel part is the same in all: they share the kernel's page tables. So when a kernel
// page table is made, its entry must be written into every page directory there is.
//
// A page table is known to the CPU by its physical address; to change it, the kernel needs a
// virtual one. That is what a vpde remembers, one for each directory entry, so that directories
// that are not active can be changed as well.
//
// What comes from kvmalloc, for directories and tables, goes back to kvfree as it came: each block
// whole, and by itself.

// Where a page table is mapped.
struct vpde {
    pte *table; // 1024 entries; null: there is no such page table
};

// An address space.
struct pagedir {
    pagedir *next; // in the list of all page directories, see below
    pagedir *previous;
    physical_address physical; // of the page directory: what cr3 holds while it is active
    pte *directory;            // the same, where the kernel can write to it: 1024 entries
    vpde tables[user_entries]; // of the user part
};

// The kernel part's page tables: kvpd[i] belongs to directory entry user_entries + i.
extern vpde kvpd[kernel_entries];

// The first page directory, which the kernel starts with. It has no user part.
extern pagedir kernel_pagedir;

// Makes kernel_pagedir and kvpd describe the initial page table that start.S made
// (initial_directory and kernel_table, below), removes every entry of its user part, the 1:1
// mapping first of all, and puts it into the list. Called once, before any other function here.
void create_init_pagedir();

// Makes a page directory with an empty user part, of memory from kvmalloc, and puts it into the
// list. Null when memory runs out; then nothing stays taken.
pagedir *create_pagedir();

// Takes a page directory out of the list and gives back its memory and that of its user page
// tables; the frames that it maps are not freed. Null does nothing. Panics if it is kernel_pagedir,
// or the active one. Then nothing has changed.
void destroy_pagedir(pagedir *pd);

// Makes a page directory the active one.
void switch_pagedir(pagedir *pd);

// What a page directory translates an address to. False if it is not mapped. If it is, writes the
// physical address (that of the very byte) and the flags: PTE_PRESENT, and PTE_WRITABLE and
// PTE_USER as far as both entries have them, no others.
//   pd  ignored, and may be null, for a kernel address; null for a user address: not mapped
bool translate(pagedir *pd, uintptr_t virtual_address, uintptr_t *physical, int *flags);

// Maps n_pages pages from the address `virtual_address` on to the frames from `physical` on.
//   flags   PTE_PRESENT, and PTE_WRITABLE and PTE_USER as wanted. Without PTE_PRESENT the pages are
//           unmapped, `physical` is ignored, and nothing is allocated.
//   pd      the directory to change, active or not. Ignored, and may be null, for kernel addresses.
// Returns 0, or another value if it can't be done:
//   - an address (the physical one only when mapping) is no multiple of 4096, or its range runs
//     over 4 GiB (ending there is fine);
//   - the range has both user and kernel addresses, or user addresses and pd is null;
//   - memory for a page table runs out.
// Then no translation has changed, and everything obtained on the way has been given back (but a
// new page table of the kernel may stay: those are for ever).
//   - n_pages of 0: returns 0 and does nothing, whatever the addresses and pd are.
//   - Pages that are mapped already are mapped anew. Unmapping what is not mapped is no error.
//   - A page is open to ring 3 exactly if PTE_USER is given, and writable (for ring 3, and for the
//     kernel, which has CR0.WP set) exactly if PTE_WRITABLE is. That holds for kernel addresses,
//     too: both the directory's entry and the table's have to allow it.
//   - User page tables come from kvmalloc; one that has become empty may stay until its directory
//     is destroyed.
//   - When it returns, the CPU translates as the tables say: nothing stale is left in the TLB. The
//     CPU may know every page that was present, and has to be told whatever changes of it: the
//     frame, fewer rights, and more rights, too (a write that the TLB forbids is a page fault,
//     whatever the tables say by now). And told once it has changed: a CPU reads the tables when it
//     likes, also ahead of what it is asked for. What was not present it does not know.
// Takes time O(n_pages), page tables that have to be made aside, however many page directories
// there are.
int map_mem(pagedir *pd, uintptr_t physical, uintptr_t virtual_address, size_t n_pages, int flags);

// --- Given (page_tables.cpp; nothing for you to write) -------------------------------------------

// The initial page table (start.S): a directory, and the table of the kernel part's first entry,
// through which the image and all later page tables of the kernel are seen.
extern "C" pte initial_directory[table_entries];
extern "C" pte kernel_table[table_entries];

// The list of all page directories: kernel_pagedir, then the others. To visit all of them:
//   for (pagedir *pd = &kernel_pagedir; pd; pd = pd->next)
void link_pagedir(pagedir *pd);
void unlink_pagedir(pagedir *pd);

// The active page directory's physical address, and making one active (it empties the TLB, too).
physical_address active_directory();
void load_directory(physical_address directory);

// Makes the CPU forget its translation of one page.
void flush_page(uintptr_t virtual_address);

// Makes the page table in `frame`, which is to be that of kernel directory entry user_entries + i,
// visible to the kernel, and returns where. (The last kernel_entries entries of kernel_table are
// kept for this, so it never needs a page table itself.)
pte *show_kernel_table(size_t i, physical_address frame);
