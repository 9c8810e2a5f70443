#include "arch/inspection.h"
#include "arch/physical.h"
#include "mm/allocation.h"
#include "mm/paging.h"
#include "player/fence.h"
#include "player/lab.h"
#include "player/memory.h"
#include "player/probe.h"
#include "player/walk.h"

#include <algorithm>

// The operations of lab 6. Page directories go by numbers: 0 is null, 1 is kernel_pagedir, the
// others come from `create`.

// The student's own, if the file has one (docs/scenarios.md).
[[gnu::weak]] void paging_check();

namespace
{

constexpr size_t max_directories = 320;
constexpr int junk_flags = 0x7ff; // what *flags holds before translate

pagedir *made[max_directories]; // from 2 on
bool alive[max_directories] = {false, true};
size_t n_directories = 2;

pagedir *directory(size_t number)
{
    return number == 1 ? &kernel_pagedir : made[number];
}

// The directory that the first argument names; refuses a number that names none.
bool find(call &c, pagedir *&pd)
{
    if (c.argument(0) >= n_directories) {
        c.refuse("no directory has that number");
        return false;
    }
    pd = directory(c.argument(0));
    return true;
}

// Writes down a page whose translation the CPU may still know though the tables say otherwise.
void note_stale(call &c)
{
    uintptr_t page;
    bool told;
    if (remembered::any_stale(page, told)) {
        c.address("stale", page);
        if (told)
            c.result("early", 1);
    }
    remembered::next_operation();
}

void init(call &c)
{
    if (c.run(create_init_pagedir))
        note_stale(c);
}

// As if the 1:1 mapping had two entries of the initial directory. It is in use: the CPU knows of
// none there yet.
void also(call &c)
{
    size_t i = c.argument(0);
    if (kernel_pagedir.directory)
        return c.refuse("the initial directory is as create_init_pagedir left it");
    if (i == 0 || i >= user_entries)
        return c.refuse("ENTRY must be one of the user part, and not the first");
    initial_directory[i] = initial_directory[0];
}

void create(call &c)
{
    if (n_directories == max_directories)
        return c.refuse("there have been as many directories as the player has numbers for");
    pagedir *pd = nullptr;
    if (!c.run([&] { pd = create_pagedir(); }))
        return;
    c.result("made", pd != nullptr);
    made[n_directories] = pd;
    alive[n_directories] = pd;
    c.result("number", pd ? n_directories : 0);
    c.keep(pd ? n_directories++ : 0, 0);
    note_stale(c);
    note_misfreed(c);
}

void destroy(call &c)
{
    pagedir *pd;
    if (!find(c, pd) || !c.run([&] { destroy_pagedir(pd); }))
        return;
    alive[c.argument(0)] = false;
    note_stale(c);
    note_misfreed(c);
}

bool is_alive(const pagedir *pd)
{
    for (size_t i = 0; i < n_directories; i++)
        if (alive[i] && directory(i) == pd)
            return true;
    return false;
}

void list(call &c)
{
    pagedir *pd = &kernel_pagedir;
    size_t length = 0;
    for (; is_alive(pd) && length < max_directories; pd = pd->next)
        length++;
    c.result("directories", length);
    c.result("strangers", pd && !is_alive(pd));
}

using kernel_part = pte[kernel_entries];

// The kernel part of a page directory as it is in memory, without what the CPU notes there.
void read_kernel_part(physical_address directory, kernel_part &entries)
{
    copy_physical(entries, number(directory) + user_entries * sizeof(pte), sizeof entries);
    for (pte &entry : entries)
        entry.bits &= ~uint32_t{PTE_ACCESSED | PTE_DIRTY};
}

// Writes down where the kernel parts of the directories in the list are not that of the active one.
void note_unequal(call &c, const kernel_part &active)
{
    static kernel_part entries;
    size_t unequal = 0, in = 0, at = 0;
    for (size_t d = 1; d < n_directories; d++) {
        if (!alive[d])
            continue;
        read_kernel_part(directory(d)->physical, entries);
        for (size_t i = 0; i < kernel_entries; i++)
            if (entries[i].bits != active[i].bits && unequal++ == 0)
                in = d, at = user_entries + i;
    }
    c.result("unequal", unequal);
    if (unequal > 0) {
        c.result("in", in);
        c.result("at", at);
    }
}

// Writes down which entry's page table is not where kvpd says, if there is one.
void note_lost(call &c, const kernel_part &active)
{
    for (size_t i = 0; i < kernel_entries; i++) {
        auto table = reinterpret_cast<uintptr_t>(kvpd[i].table);
        pte there = table ? walk(active_directory(), table) : pte();
        if (active[i].present() != (table != 0) ||
            (table && number(there.frame()) + table % page_size != number(active[i].frame()))) {
            c.result("lost", user_entries + i);
            return;
        }
    }
}

// What has to be so at any time, as it is in memory.
void audit(call &c)
{
    static kernel_part active;
    if (!kernel_pagedir.directory)
        return;
    c.address("cr3", number(active_directory()));
    list(c);
    read_kernel_part(active_directory(), active);
    note_unequal(c, active);
    note_lost(c, active);
    note_stale(c);
}

void inspect(call &c)
{
    audit(c);
    stop_for_inspection();
}

void activate(call &c)
{
    pagedir *pd;
    if (!find(c, pd))
        return;
    if (!pd)
        return c.refuse("null is no page directory");
    if (!c.run([&] { switch_pagedir(pd); }))
        return;
    c.address("cr3", number(active_directory()));
    note_stale(c);
}

void describe(call &c)
{
    pagedir *pd;
    if (!find(c, pd) || !pd)
        return;
    c.address("physical", number(pd->physical));
    c.address("directory", reinterpret_cast<uintptr_t>(pd->directory));
}

void map(call &c)
{
    pagedir *pd;
    if (!find(c, pd))
        return;
    int error = 0;
    if (!c.run([&] {
            error = map_mem(pd, c.argument(1), c.argument(2), c.argument(3),
                            static_cast<int>(c.argument(4)));
        }))
        return;
    c.result("error", error != 0);
    note_stale(c);
    note_misfreed(c);
}

// Writes down what the tables say, where translate says something else.
void note_tables(call &c, pagedir *pd, bool mapped, pte answer)
{
    bool user = c.argument(1) < kernel_base;
    if (user && !pd)
        return;
    pte entry = walk(user ? pd->physical : active_directory(), c.argument(1));
    if (entry.bits != (mapped ? answer.bits : 0))
        c.address("tables", entry.bits);
}

void translation(call &c)
{
    pagedir *pd;
    if (!find(c, pd))
        return;
    bool mapped = false;
    fenced<uintptr_t> physical;
    fenced flags(junk_flags);
    if (!c.run([&] { mapped = translate(pd, c.argument(1), &physical, &flags); }))
        return;
    c.result("mapped", mapped);
    if (mapped) {
        c.address("physical", *physical);
        c.result("flags", *flags);
    }
    note_tables(c, pd, mapped,
                pte(physical_address{*physical - c.argument(1) % page_size}, *flags));
    note_first_damage(c, {{"physical_damage", physical.look()}, {"flags_damage", flags.look()}});
}

void touch(call &c, bool write)
{
    uint32_t address = c.argument(0), ring = c.argument(1);
    if (address % 4 != 0 || (ring != 0 && ring != 3))
        return c.refuse("ADDRESS must be a multiple of 4, RING 0 or 3");
    probe_result r = probe(address, ring, write, write ? c.argument(2) : 0);
    if (r.faulted)
        c.result("fault", r.error);
    else if (!write)
        c.address("value", r.value);
    r.faulted ? remembered::refused(address) : remembered::touched(address);
}

void frames(call &c, size_t n_pages)
{
    uintptr_t address = 0;
    if (!memory_is_up(c))
        return;
    size_t count = ppalloc(n_pages, n_pages, &address);
    c.result("count", count);
    c.address("address", address);
    c.keep(address, count);
}

void area(call &c)
{
    uintptr_t address = 0;
    if (!memory_is_up(c))
        return;
    size_t count = vpalloc(nullptr, c.argument(0), c.argument(0), &address);
    c.result("count", count);
    c.address("address", address);
    c.keep(address, count);
}

void peek(call &c)
{
    c.address("value", read_physical(c.argument(0)));
}

void poke(call &c)
{
    write_physical(c.argument(0), c.argument(1));
}

constexpr operation operations[] = {
    {"init", "create_init_pagedir, and nothing else: instead of boot", init},
    {"also ENTRY", "before init: the 1:1 mapping has this entry of the directory, too", also},
    {"create", "makes a page directory, which gets the next number", create},
    {"destroy D", "destroys directory D", destroy},
    {"switch D", "makes directory D the active one", activate},
    {"describe D", "says where directory D lies", describe},
    {"list", "counts the directories in the list, up to one that is none", list},
    {"map D PHYSICAL VIRTUAL PAGES FLAGS", "map_mem; flags 1 present, 2 writable, 4 user", map},
    {"translate D ADDRESS", "what directory D translates an address to", translation},
    {"read ADDRESS RING", "reads in ring 0 or 3, in the active directory",
     [](call &c) { touch(c, false); }},
    {"write ADDRESS RING VALUE", "writes in ring 0 or 3", [](call &c) { touch(c, true); }},
    {"frame", "takes a frame to map", [](call &c) { frames(c, 1); }},
    {"pair", "takes two frames side by side", [](call &c) { frames(c, 2); }},
    {"run PAGES", "takes so many frames side by side", [](call &c) { frames(c, c.argument(0)); }},
    {"area PAGES", "takes kernel addresses to map at", area},
    {"peek PHYSICAL", "reads physical memory, past all page tables", peek},
    {"poke PHYSICAL VALUE", "writes physical memory", poke},
    {"audit", "says whether directories, kvpd, the list and the CPU agree", audit},
    {"inspect", "audit, and the machine's memory is looked at from outside", inspect},
};

constexpr lab paging_lab{"paging", "Lab 6: page directories", operations, memory_operations,
                         paging_check};
REGISTER_LAB(paging_lab);

} // namespace
