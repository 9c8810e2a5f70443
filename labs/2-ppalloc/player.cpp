#include "arch/multiboot.h"
#include "mm/allocation.h"
#include "player/arena.h"
#include "player/fence.h"
#include "player/lab.h"
#include "player/memory.h"

// The operations of lab 2: ppinit on a memory map of the scenario's own, its state in the player's
// arena; or, after `boot`, on the machine's.

// The student's own, if the file has one (docs/scenarios.md).
[[gnu::weak]] void ppalloc_check();

namespace
{

constexpr size_t max_map = 1024;
constexpr uint32_t untouched = 0xfeedbeef; // what *start_addr holds before ppalloc

memory_region map[max_map + 1];
size_t n_regions;
physical_range reserved[max_map + 1];
size_t n_reserved;
bool initialised;

// True once there are frames to be had: from `init` or from `boot`.
bool frames_are_there(call &c)
{
    return initialised || memory_is_up(c);
}

void region(call &c)
{
    if (n_regions == max_map)
        return c.refuse("the map has 1024 regions already");
    map[n_regions++] = {c.arguments[0], c.arguments[1], c.argument(2)};
}

void reserve(call &c)
{
    if (n_reserved == max_map)
        return c.refuse("1024 ranges are reserved already");
    reserved[n_reserved++] = {c.argument(0), c.argument(1)};
}

// Who reads behind the last region, or the last reserved range, finds one of everything there.
void bait(call &c)
{
    map[n_regions] = {0, uint64_t{1} << 32, c.argument(0)};
    reserved[n_reserved] = {0, UINTPTR_MAX};
}

void note_damage(call &c, const damage &around_start = {})
{
    note_first_damage(c, {{"damage", arena_damage()}, {"start_damage", around_start}});
}

void init(call &c)
{
    if (initialised)
        return c.refuse("the frames are there already");
    std::span<const memory_region> regions{map, n_regions};
    size_t pages = pp_pages(regions);
    if (pages == 0)
        return c.refuse("no region of the map is available below 4 GiB");
    size_t size = 0;
    if (!c.run([&] { size = buddy_state_size(pages); }))
        return;
    c.result("pages", pages);
    void *state = arena_lend(size);
    if (!state)
        return c.result("lent", 0);
    if (!c.run([&] { ppinit(regions, {reserved, n_reserved}, state); }))
        return;
    initialised = true;
    note_damage(c);
}

// What ppalloc returned, and what it wrote to *start_addr.
struct pages {
    size_t count = 0;
    uintptr_t start = untouched;
};

pages alloc(call &c)
{
    pages got;
    fenced start(got.start);
    if (!frames_are_there(c) ||
        !c.run([&] { got.count = ppalloc(c.argument(0), c.argument(1), &start); }))
        return {};
    got.start = *start;
    c.result("count", got.count);
    if (got.count > 0)
        c.address("start", got.start);
    c.keep(got.start / page_size * page_size, got.count); // runs of no pages are freed, too
    note_damage(c, start.look());
    return got;
}

void alloc_or_leave_start(call &c)
{
    pages got = alloc(c);
    if (got.count == 0 && got.start != untouched)
        c.address("start", got.start);
}

void ask(call &c)
{
    alloc(c);
}

void free_pages(call &c)
{
    if (!frames_are_there(c))
        return;
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
    if (!memory_is_up(c))
        return;
    c.result("count", reserved_ranges().size());
    if (c.argument(0) >= reserved_ranges().size())
        return;
    const physical_range &r = reserved_ranges()[c.argument(0)];
    c.address("start", r.start);
    c.address("end", r.end);
}

constexpr operation operations[] = {
    {"region BASE LENGTH TYPE", "adds a region to the memory map; type 1 is available", region,
     true},
    {"reserve START END", "adds a reserved range", reserve},
    {"bait TYPE", "writes a region, and a reserved range, of everything behind the ends of the map",
     bait},
    {"init", "ppinit with the map and the reserved ranges", init},
    {"alloc MIN MAX", "allocates from MIN to MAX consecutive pages", alloc_or_leave_start},
    {"ask MIN MAX", "as alloc, but *start_addr is not looked at where it gets none", ask},
    {"free ADDRESS COUNT", "frees COUNT pages from ADDRESS on", free_pages},
    {"machine_region I", "the machine's own memory map, region I", machine_region},
    {"machine_reserved I", "what mm_init keeps back of it, range I", machine_reserved},
};

constexpr lab ppalloc_lab{"ppalloc", "Lab 2: physical pages", operations, memory_operations,
                          ppalloc_check};
REGISTER_LAB(ppalloc_lab);

} // namespace
