#include "arch/multiboot.h"
#include "mm/allocation.h"
#include "player/arena.h"
#include "player/lab.h"
#include "player/memory.h"

// The operations of lab 2: ppinit on a memory map of the scenario's own, its state in the player's
// arena; or, after `boot`, on the machine's.

namespace {

constexpr size_t max_map = 64;
constexpr uint32_t untouched = 0xfeedbeef; // what *start_addr holds before ppalloc

memory_region map[max_map];
size_t n_regions;
physical_range reserved[max_map];
size_t n_reserved;

void region(call &c)
{
    if (n_regions == max_map)
        return c.refuse("the map has 64 regions already");
    map[n_regions++] = {c.arguments[0], c.arguments[1], c.argument(2)};
}

void reserve(call &c)
{
    if (n_reserved == max_map)
        return c.refuse("64 ranges are reserved already");
    reserved[n_reserved++] = {c.argument(0), c.argument(1)};
}

void note_damage(call &c)
{
    if (size_t damage = arena_damage())
        c.result("damage", damage);
}

void init(call &c)
{
    std::span<const memory_region> regions{map, n_regions};
    size_t pages = pp_pages(regions);
    if (pages == 0)
        return c.refuse("no region is available below 4 GiB");
    void *state = arena_lend(buddy_state_size(pages));
    if (!state)
        return c.refuse("the arena is lent already, or the machine's memory too small");
    if (!c.run([&] { ppinit(regions, {reserved, n_reserved}, state); }))
        return;
    c.result("pages", pages);
    note_damage(c);
}

void alloc(call &c)
{
    size_t count = 0;
    uintptr_t start = untouched;
    if (!c.run([&] { count = ppalloc(c.argument(0), c.argument(1), &start); }))
        return;
    c.result("count", count);
    if (count > 0 || start != untouched)
        c.address("start", start);
    c.keep(start, count);
    note_damage(c);
}

void free_pages(call &c)
{
    if (c.run([&] { ppfree(c.argument(0), c.argument(1)); }))
        note_damage(c);
}

// The machine's memory, for the oracle: what the boot loader said, and what the kernel keeps.
void machine_region(call &c)
{
    const boot_information &boot = multiboot_information();
    c.result("count", boot.n_regions);
    if (c.argument(0) >= boot.n_regions)
        return;
    const memory_region &r = boot.regions[c.argument(0)];
    c.address("base", r.base);
    c.address("length", r.length);
    c.result("type", r.type);
}

void machine_reserved(call &c)
{
    c.result("count", reserved_ranges().size());
    if (c.argument(0) >= reserved_ranges().size())
        return;
    const physical_range &r = reserved_ranges()[c.argument(0)];
    c.address("start", r.start);
    c.address("end", r.end);
}

constexpr operation operations[] = {
    {"region BASE LENGTH TYPE", "adds a region to the memory map; type 1 is available", region, true},
    {"reserve START END", "adds a reserved range", reserve},
    {"init", "ppinit with the map and the reserved ranges", init},
    {"alloc MIN MAX", "allocates from MIN to MAX consecutive pages", alloc},
    {"free ADDRESS COUNT", "frees COUNT pages from ADDRESS on", free_pages},
    {"machine_region I", "the machine's own memory map, region I", machine_region},
    {"machine_reserved I", "what mm_init keeps back of it, range I", machine_reserved},
};

constexpr lab ppalloc_lab{"ppalloc", "Lab 2: physical pages", operations, memory_operations};
REGISTER_LAB(ppalloc_lab);

} // namespace
