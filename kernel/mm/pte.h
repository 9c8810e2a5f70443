#pragma once

#include "mm/layout.h"

#include <stdint.h>

// What the CPU translates addresses by (Intel SDM vol. 3, 4.3, "32-bit paging"): a page directory
// of 1024 entries, each of which leads to a page table of 1024 entries, each of which leads to a
// page of 4 KiB. The entries of both look alike.

// The flags of an entry (tables 4-5 and 4-6). A page is writable, or open to ring 3, only if both
// the directory's and the table's entry say so.
constexpr int PTE_PRESENT = 1 << 0;
constexpr int PTE_WRITABLE = 1 << 1;
constexpr int PTE_USER = 1 << 2;
constexpr int PTE_ACCESSED = 1 << 5; // set by the CPU: the entry was used
constexpr int PTE_DIRTY = 1 << 6;    // set by the CPU: the page was written to

// The flags that map_mem takes.
constexpr int pte_rights = PTE_PRESENT | PTE_WRITABLE | PTE_USER;

// An entry of a page directory or of a page table.
struct pte {
    uint32_t bits = 0;

    constexpr pte() = default;
    constexpr pte(physical_address frame, int flags)
        : bits(static_cast<uint32_t>(number(frame)) | static_cast<uint32_t>(flags))
    {
    }

    constexpr bool present() const { return bits & PTE_PRESENT; }
    constexpr int flags() const { return static_cast<int>(bits & (page_size - 1)); }

    // The page, or the page table, that the entry leads to; a multiple of 4096.
    constexpr physical_address frame() const { return physical_address{bits & ~(page_size - 1)}; }
};
static_assert(sizeof(pte) == 4);

// An address, taken apart as the CPU does.
constexpr size_t directory_index(uintptr_t address)
{
    return address / table_span;
}

constexpr size_t table_index(uintptr_t address)
{
    return address / page_size % table_entries;
}
