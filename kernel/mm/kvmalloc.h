#pragma once

#include <stddef.h>

// Whole pages for the kernel: memory with a kernel virtual address, page-aligned, for structures of
// a page or more (page directories and page tables above all).

// Allocates n_pages pages of 4 KiB at consecutive kernel virtual addresses and returns the first
// address. The physical frames behind them need not be consecutive; each is mapped present,
// writable and for the kernel only. The contents are undefined. The pages, and the frames behind
// them, are the caller's alone until kvfree. A block takes exactly n_pages frames; of virtual pages
// up to two more, if you want a guard at its ends, which kvfree gives back with the others.
//   - n_pages of 0 gives null.
//   - Null when frames, virtual pages or a page table can't be had, and never otherwise. Then
//     everything obtained on the way has been given back, and no translation has changed. (A page
//     table of the kernel that map_mem made for it stays: those are for ever.)
// Like kvfree it takes time O(n_pages), beside that of the allocators: a page of a large block
// costs hardly more than one of a small block, however its frames lie. (Nor is there room on the
// kernel's stack, which has 32 KiB, for a level of recursion for each.)
void *kvmalloc(size_t n_pages);

// Gives back what kvmalloc returned: unmaps the pages, and frees the frames and the virtual pages.
// A block goes back whole, and by itself, also where two lie side by side.
//   address  as kvmalloc returned it; null does nothing
//   n_pages  as it was passed to kvmalloc
void kvfree(void *address, size_t n_pages);
