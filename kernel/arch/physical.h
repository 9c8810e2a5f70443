#pragma once

#include <stddef.h>
#include <stdint.h>

// Looking at physical memory that is mapped nowhere: through the entry of the initial kernel table
// just below the window for the kernel's page tables, one page at a time.

// Copies `size` bytes out of physical memory.
void copy_physical(void *to, uintptr_t physical, size_t size);

// The 32 bits at a physical address, a multiple of 4.
uint32_t read_physical(uintptr_t physical);
void write_physical(uintptr_t physical, uint32_t value);

// Writes the same 32 bits all over a page of physical memory.
void fill_physical_page(uintptr_t physical, uint32_t value);
