#include "mm/allocation.h"

#include "lib/panic.h"
#include "mm/paging.h"

#include <algorithm>

// Start-up: the allocators' states need memory before there is an allocator to take it from. Until
// ppalloc is ready frames come from here, one after another from the image's end on, and are never
// given back. Their virtual addresses begin where the initial page table ends.

vpallocator kernel_vpallocator;

extern "C" const char image_end[];

namespace
{

constexpr uint64_t four_gib = uint64_t{1} << 32;
constexpr uintptr_t states_start = kernel_base + table_span;

physical_range reserved[2 + max_modules + 1];
size_t n_reserved;

// [early.start, early.end) are the frames taken, and what could not be used between them.
physical_range early;
uintptr_t next_address = states_start;

bool ppalloc_ready;
size_t tables_made;

std::span<const memory_region> memory_map()
{
    const boot_information &boot = multiboot_information();
    return {boot.regions, boot.n_regions};
}

void reserve_what_was_loaded()
{
    n_reserved = 0;
    reserved[n_reserved++] = {0, kernel_load_address};
    reserved[n_reserved++] = {kernel_load_address, number(image_address(image_end))};
    const boot_information &boot = multiboot_information();
    for (size_t i = 0; i < boot.n_modules; i++)
        reserved[n_reserved++] = boot.modules[i];
}

// Where a region ends, as far as it lies below 4 GiB.
uint64_t end_of(const memory_region &region)
{
    uint64_t base = std::min(region.base, four_gib);
    return base + std::min(region.length, four_gib - base);
}

// How many bytes of memory there are from `start` on, up to whatever comes next.
uint64_t memory_from(uintptr_t start)
{
    uint64_t end = start;
    for (const memory_region &r : memory_map())
        if (r.type == available_memory && r.base <= start)
            end = std::max(end, end_of(r));
    auto stop_before = [&](uint64_t base, uint64_t its_end) {
        if (its_end > start)
            end = std::min(end, std::max<uint64_t>(base, start));
    };
    for (const memory_region &r : memory_map())
        if (r.type != available_memory)
            stop_before(r.base, end_of(r));
    for (const physical_range &r : reserved_ranges())
        stop_before(r.start, r.end);
    return end - start;
}

bool early_frame(physical_address *frame)
{
    while (memory_from(early.end) < page_size) {
        if (early.end >= four_gib - page_size)
            return false;
        early.end += page_size;
    }
    *frame = physical_address{early.end};
    early.end += page_size;
    return true;
}

// Fresh pages for an allocator's state.
void *early_pages(size_t size)
{
    uintptr_t start = next_address;
    for (; next_address < start + size; next_address += page_size) {
        physical_address frame;
        if (!early_frame(&frame) ||
            map_mem(nullptr, number(frame), next_address, 1, PTE_PRESENT | PTE_WRITABLE) != 0)
            panic("mm_init: no memory for the %zu bytes of an allocator's state", size);
    }
    return reinterpret_cast<void *>(start);
}

} // namespace

size_t pp_pages(std::span<const memory_region> map)
{
    uint64_t end = 0;
    for (const memory_region &r : map)
        if (r.type == available_memory)
            end = std::max(end, r.base < four_gib ? end_of(r) : 0);
    return static_cast<size_t>(end / page_size);
}

std::span<const physical_range> reserved_ranges()
{
    return {reserved, n_reserved};
}

uintptr_t kernel_range_start()
{
    return next_address;
}

bool kernel_table_frame(physical_address *frame)
{
    if (!ppalloc_ready)
        return early_frame(frame);
    uintptr_t address;
    if (ppalloc(1, 1, &address) != 1)
        return false;
    tables_made++;
    *frame = physical_address{address};
    return true;
}

size_t kernel_tables_made()
{
    return tables_made;
}

void mm_init(uintptr_t lowest_start)
{
    create_init_pagedir();
    reserve_what_was_loaded();
    early.start = early.end = (number(image_address(image_end)) + page_size - 1) & -page_size;

    size_t frames = pp_pages(memory_map());
    size_t pages = (four_gib - states_start) / page_size;
    void *frame_state = early_pages(buddy_state_size(frames));
    void *page_state = early_pages(buddy_state_size(pages));

    reserved[n_reserved++] = early;
    ppinit(memory_map(), reserved_ranges(), frame_state);
    ppalloc_ready = true;
    next_address = std::max(next_address, lowest_start);
    // Not the last page: so no range that is handed out ends at 4 GiB, where addresses begin again.
    size_t pages_left = (four_gib - next_address) / page_size - 1;
    vpinit(&kernel_vpallocator, next_address, pages_left, page_state);
}
