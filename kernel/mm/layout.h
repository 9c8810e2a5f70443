#pragma once

#include <stddef.h>
#include <stdint.h>

// The address space: user addresses [0, kernel_base), kernel addresses from there to 4 GiB.

#ifndef KERNEL_BASE
#error "KERNEL_BASE is missing: the build sets it (make KERNEL_BASE=0x80000000)"
#endif

constexpr uintptr_t kernel_base = KERNEL_BASE;
constexpr size_t page_size = 4096;
constexpr size_t table_entries = 1024;
constexpr size_t table_span = table_entries * page_size; // what one page table translates: 4 MiB

static_assert(kernel_base % table_span == 0, "KERNEL_BASE must be a multiple of 4 MiB");
static_assert(kernel_base >= 0x40000000, "KERNEL_BASE must be 1 GiB or more");
static_assert(kernel_base <= 0xfc000000, "the kernel needs 64 MiB or more of address space");

// Of a page directory's entries, the first ones are for user addresses, the rest for the kernel's.
constexpr size_t user_entries = kernel_base / table_span;
constexpr size_t kernel_entries = table_entries - user_entries;

// Physical 1 MiB, where the boot loader puts the kernel, is mapped at kernel_base.
constexpr uintptr_t kernel_load_address = 0x100000;
constexpr uintptr_t kernel_offset = kernel_base - kernel_load_address;

// A physical address, where it must not be taken for one that can be followed. (Addresses that can
// are pointers; the functions that the seed gave a uintptr_t for either say which by its name.)
enum class physical_address : uintptr_t {};

constexpr uintptr_t number(physical_address address)
{
    return static_cast<uintptr_t>(address);
}

// Where something in the kernel's image lies in physical memory.
inline physical_address image_address(const void *in_image)
{
    return physical_address{reinterpret_cast<uintptr_t>(in_image) - kernel_offset};
}
