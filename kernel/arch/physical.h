#pragma once

#include "mm/layout.h"

#include <stddef.h>
#include <stdint.h>

// Looking at physical memory that is mapped nowhere: through the entry of the initial kernel table
// just below the window for the kernel's page tables, one page at a time.

// Where that page is seen.
constexpr uintptr_t physical_window =
    kernel_base + (table_entries - kernel_entries - 1) * page_size;

// Copies `size` bytes out of physical memory.
void copy_physical(void *to, uintptr_t physical, size_t size);

// The 32 bits at a physical address, a multiple of 4.
uint32_t read_physical(uintptr_t physical);
void write_physical(uintptr_t physical, uint32_t value);

// Writes two words all over a page of physical memory: `odd` where the number of bits set in i % 8
// is odd, `even` elsewhere. So both are found in any place of records of up to 16 bytes.
void fill_physical_page(uintptr_t physical, uint32_t even, uint32_t odd);
