#include "player/arena.h"

#include "arch/cpu.h"
#include "arch/multiboot.h"
#include "lib/string.h"
#include "mm/layout.h"

#include <algorithm>

extern "C" uint32_t initial_directory[1024];
extern "C" char image_end[];

namespace
{

constexpr uintptr_t arena_start = 0x10000000; // a user address whatever KERNEL_BASE is
constexpr size_t arena_pages = arena_capacity / page_size;
constexpr size_t arena_tables = (arena_pages + 1 + 1023) / 1024; // at least one page stays unmapped
constexpr uint32_t present_and_writable = 3;
constexpr size_t watched_before = 64;

[[gnu::section(".bss.page_aligned")]] alignas(page_size) uint32_t tables[arena_tables][1024];
uint8_t *lent;
size_t lent_size;
size_t mapped_pages;

bool overlaps_module(uintptr_t start, uintptr_t end)
{
    const boot_information &boot = multiboot_information();
    return std::any_of(boot.modules, boot.modules + boot.n_modules,
                       [&](const physical_range &m) { return start < m.end && m.start < end; });
}

bool holds_nothing(uintptr_t frame)
{
    constexpr uintptr_t lowest = 4 * 1024 * 1024; // above the image and the 1:1 mapping
    return frame >= lowest && !overlaps_module(frame, frame + page_size);
}

// Maps `n` frames that hold nothing, from wherever the machine has memory; the first 4 MiB, which
// start.S left mapped 1:1, no longer: nothing near null is anybody's.
bool map_frames(size_t n)
{
    const boot_information &boot = multiboot_information();
    for (size_t r = 0; r < boot.n_regions && mapped_pages < n; r++) {
        const memory_region &region = boot.regions[r];
        if (region.type != available_memory)
            continue;
        uint64_t end = std::min<uint64_t>(region.base + region.length, 0xffff0000);
        for (uint64_t frame = (region.base + page_size - 1) / page_size * page_size;
             frame + page_size <= end && mapped_pages < n; frame += page_size) {
            if (!holds_nothing(frame))
                continue;
            tables[mapped_pages / 1024][mapped_pages % 1024] = frame | present_and_writable;
            mapped_pages++;
        }
    }
    initial_directory[0] = 0;
    for (size_t t = 0; t < arena_tables; t++)
        initial_directory[arena_start / table_span + t] =
            (reinterpret_cast<uintptr_t>(tables[t]) - kernel_offset) | present_and_writable;
    write_cr3(read_cr3()); // the CPU forgets what it knew of the others
    return mapped_pages >= n;
}

// Bytes that look like nothing in particular: multiples of the golden ratio's fraction.
void fill_with_junk(uint8_t *start, size_t size)
{
    auto word = reinterpret_cast<uint32_t *>(start);
#pragma GCC unroll 8 // to an emulator jumps are dear
    for (uint32_t i = 0; i < size / 4; i++)
        word[i] = (i + 1) * 0x9e3779b9;
}

// The first byte watched: in the first page that the memory lent touches.
uint8_t *watch_start()
{
    auto page = reinterpret_cast<uintptr_t>(lent) & ~(page_size - 1);
    return reinterpret_cast<uint8_t *>(
        std::max(page, reinterpret_cast<uintptr_t>(lent) - watched_before));
}

uint8_t *watch_end()
{
    return reinterpret_cast<uint8_t *>(arena_start + mapped_pages * page_size);
}

} // namespace

void *arena_lend(size_t size)
{
    size_t pages = std::max<size_t>(1, (size + page_size - 1) / page_size);
    if (size > arena_capacity || lent || !map_frames(pages))
        return nullptr;
    auto first = reinterpret_cast<uint8_t *>(arena_start);
    fill_with_junk(first, pages * page_size);
    lent = first + (pages * page_size - size) / 16 * 16;
    lent_size = size;
    memset(watch_start(), fence_byte, lent - watch_start());
    memset(lent + size, fence_byte, watch_end() - (lent + size));
    return lent;
}

damage arena_damage()
{
    return lent ? look_around({watch_start(), lent, lent_size, watch_end()}) : damage();
}

uintptr_t arena_end_before(uintptr_t address)
{
    constexpr uintptr_t near = arena_tables * table_span;
    uintptr_t end = reinterpret_cast<uintptr_t>(lent) + lent_size;
    return lent && address >= end && address < arena_start + near ? end : 0;
}
