#pragma once

#include "arch/multiboot.h"
#include "mm/buddy.h"
#include "mm/layout.h"

#include <span>
#include <stddef.h>
#include <stdint.h>

// Pages of physical memory, and pages of address space, each handed out by a buddy allocator.
//
// A page is 4 KiB. Addresses passed in are multiples of 4096, and so are those that come back.

// --- Physical pages: frames ---------------------------------------------------------- lab ppalloc

// How many pages ppinit's allocator manages: those from 0 to the end of the highest available
// region of the map, as far as it lies below 4 GiB.
size_t pp_pages(std::span<const memory_region> map);

// Makes the usable pages of the map available to ppalloc, and no others.
//   - A page is usable if one available region covers it wholly, and no region of another type and
//     no reserved range touches it, with even a single byte. (Two available regions that cover half
//     of it each do not make it usable.)
//   - Regions come in any order and number; they may overlap, be empty (an empty one touches
//     nothing), and reach or lie above 4 GiB, or even end beyond 2^64: what is up there is left
//     out. Reserved ranges come in any order and number, too, and may overlap or be empty; as their
//     addresses have 32 bits, none holds the last byte below 4 GiB. There may be a thousand of
//     either: a level of recursion for each does not fit onto the kernel's stack, which has 32 KiB.
//   - state   buddy_state_size(pp_pages(map)) bytes, aligned to 16, of any content
// Page i of the allocator is the physical address i * 4096. pp_pages(map) is 1 or more. It is
// called once. Takes time O(pages * (regions + reserved ranges)) at most.
void ppinit(std::span<const memory_region> map, std::span<const physical_range> reserved,
            void *state);

// Allocates between min_pages and max_pages consecutive pages. Returns how many, and writes the
// physical address of the first to *start_addr; as buddy_alloc does with units, in every respect.
// Like ppfree it takes the time that the buddy allocator takes, and hardly more, however many pages
// are allocated.
size_t ppalloc(size_t min_pages, size_t max_pages, uintptr_t *start_addr);

// Frees n_pages pages from start_addr on: any that are allocated, in any portions; so are all that
// ppinit did not make available, and what was reserved can be given back later. n_pages of 0 does
// nothing, whatever the address is. Panics, and changes nothing, if one of them is free already or
// lies beyond pp_pages.
void ppfree(uintptr_t start_addr, size_t n_pages);

// --- Virtual pages ------------------------------------------------------------------- lab vpalloc

// Hands out pages of a range of addresses. What it hands out is address space: no memory.
struct vpallocator {
    buddy pages;     // page i is the address start + i * 4096
    uintptr_t start; // the first address of the range
};

// The kernel's own: the addresses from where the image and the first states end, to the last page
// but one.
extern vpallocator kernel_vpallocator;

// Makes *vpa hand out the pages of a range, of which all are available but the page at address 0,
// which is never handed out: null must stay invalid. Nobody frees it, then, either.
//   start_addr  a multiple of 4096
//   n_pages     1 or more; the range ends at 4 GiB or before
//   state       buddy_state_size(n_pages) bytes, aligned to 16, of any content
void vpinit(vpallocator *vpa, uintptr_t start_addr, size_t n_pages, void *state);

// Makes an allocator for a range of user addresses; it and its state lie in memory from kvmalloc.
//   - Null if the range is empty, does not begin at a multiple of 4096, or is not wholly below
//     kernel_base; and when memory runs out. Then nothing stays taken.
vpallocator *vpcreate(uintptr_t start_addr, size_t n_pages);

// Gives back all that vpcreate took. Null does nothing.
void vpdestroy(vpallocator *vpa);

// Allocates between min_pages and max_pages consecutive pages of vpa's range, or of the kernel's if
// vpa is null. Returns how many, and writes the first address to *start_addr; as buddy_alloc does
// with units, in every respect. Like vpfree it takes the time that the buddy allocator takes, and
// hardly more, however many pages are allocated.
size_t vpalloc(vpallocator *vpa, size_t min_pages, size_t max_pages, uintptr_t *start_addr);

// Frees n_pages pages from start_addr on: any that are allocated, in any portions.
//   - n_pages of 0 does nothing, whatever the address and vpa are.
//   - Kernel addresses (from kernel_base on) go to the kernel's allocator, whatever vpa is.
//   - Panics if the address is a user address and vpa is null.
//   - Panics, and changes nothing, if one of the pages is free already or outside the range.
void vpfree(vpallocator *vpa, uintptr_t start_addr, size_t n_pages);

// --- Start-up (allocation.cpp; nothing for you to write) -----------------------------------------

// Brings the memory system up: the first page directory, the allocators' first states, the frames.
// Call it once; until then none of the functions above works on the machine's own memory. The
// kernel's range begins behind what mm_init maps itself, and not below lowest_start, a multiple of
// 4096.
void mm_init(uintptr_t lowest_start = 0);

// What mm_init keeps ppinit from handing out: the first MiB, the kernel's image, the modules and
// what it took itself.
std::span<const physical_range> reserved_ranges();

// Where the range of kernel_vpallocator begins. It ends a page before 4 GiB.
uintptr_t kernel_range_start();

// A frame for a page table of the kernel: from ppalloc, or before that is ready from the memory
// that mm_init keeps. False if there is none.
bool kernel_table_frame(physical_address *frame);

// How many frames kernel_table_frame has given since ppalloc is ready. They stay taken for ever.
size_t kernel_tables_made();
