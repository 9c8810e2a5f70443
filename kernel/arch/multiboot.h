#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string_view>

// What the boot loader left for the kernel (Multiboot specification 0.6.96, section 3.3), copied
// out of memory that will not stay reachable: it outlives the 1:1 mapping and restarts of the
// kernel.

// A part of the physical address space. Regions may overlap, in any order, and may be empty.
struct memory_region {
    uint64_t base;
    uint64_t length;
    uint32_t type;
};
constexpr uint32_t available_memory = 1;

// A part of physical memory that holds something: [start, end).
struct physical_range {
    uintptr_t start;
    uintptr_t end;
};

constexpr size_t max_memory_regions = 64;
constexpr size_t max_modules = 8;
constexpr size_t max_command_line = 256;
constexpr size_t max_script = 256 * 1024;

struct boot_information {
    size_t n_regions;
    memory_region regions[max_memory_regions];
    size_t n_modules;
    physical_range modules[max_modules];
    char command_line[max_command_line];
    size_t script_size;      // 0 without a module; greater than max_script if it was cut
    char script[max_script]; // the first module
};

// Reads and copies everything. `information` is the physical address that start found in ebx.
void multiboot_read(uint32_t information);

const boot_information &multiboot_information();

// The value of `name=value` among the command line's words, or an empty text.
std::string_view boot_option(std::string_view name);
