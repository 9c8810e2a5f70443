#pragma once

#include <stddef.h>
#include <stdint.h>

// The address space: user addresses [0, kernel_base), kernel addresses from there to 4 GiB.

#ifndef KERNEL_BASE
#error "KERNEL_BASE is missing: the build sets it (make KERNEL_BASE=0x80000000)"
#endif

constexpr uintptr_t kernel_base = KERNEL_BASE;
constexpr size_t page_size = 4096;
constexpr size_t table_span = 1024 * page_size; // what one page table translates

static_assert(kernel_base % table_span == 0, "KERNEL_BASE must be a multiple of 4 MiB");
static_assert(kernel_base >= 0x40000000, "KERNEL_BASE must be 1 GiB or more");
static_assert(kernel_base <= 0xfc000000, "the kernel needs 64 MiB or more of address space");

// Physical 1 MiB, where the boot loader puts the kernel, is mapped at kernel_base.
constexpr uintptr_t kernel_load_address = 0x100000;
constexpr uintptr_t kernel_offset = kernel_base - kernel_load_address;
