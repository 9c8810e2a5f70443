#include "mm/allocation.h"
#include "player/arena.h"
#include "player/fence.h"
#include "player/lab.h"
#include "player/memory.h"

#include <algorithm>
#include <utility>

// The operations of lab 3. Allocators go by small numbers: 0 is null, which stands for the
// kernel's; `init` and `create` number theirs from 1 on. `init` needs no memory but the player's
// arena; all else that takes memory needs `boot`.

// The student's own, if the file has one (docs/scenarios.md).
[[gnu::weak]] void vpalloc_check();

namespace
{

constexpr size_t max_allocators = 1000;
constexpr uint32_t untouched = 0xfeedbeef; // what *start_addr holds before vpalloc

vpallocator *allocators[max_allocators + 1]; // by number; null is the kernel's, or gone
size_t n_allocators;
constinit fenced<vpallocator> of_init;
bool kernels_is_there; // without `boot`: `init` has made it

bool kernels_can_be_used(call &c)
{
    return kernels_is_there || memory_is_up(c);
}

bool is_room_for(call &c, size_t count)
{
    if (count > max_allocators - n_allocators)
        c.refuse("there are at most 1000 allocators");
    return count <= max_allocators - n_allocators;
}

uint32_t add(vpallocator *vpa)
{
    allocators[++n_allocators] = vpa;
    return n_allocators;
}

// The allocator of that number; it may be null, the kernel's. Or refuses.
bool find(call &c, uint32_t number, vpallocator *&vpa)
{
    if (number > n_allocators)
        return c.refuse("there is no allocator of that number"), false;
    vpa = allocators[number];
    if (number > 0 && !vpa)
        return c.refuse("that allocator is gone"), false;
    return true;
}

void note_damage(call &c, const damage &around_start = {})
{
    note_first_damage(c, {{"damage", arena_damage()},
                          {"struct_damage", of_init.look()},
                          {"start_damage", around_start}});
}

// For the first allocator the arena; those that follow, if they are small, have one memory, each
// after the other: the kernel's would keep it.
void *lend(size_t size, bool is_kernels)
{
    alignas(16) static char second[16 * 848 + 4096];
    static bool is_taken;
    void *arena = arena_lend(size);
    if (arena || is_taken || size > sizeof second)
        return arena;
    is_taken = is_kernels;
    return second;
}

const char *why_not(uintptr_t start, size_t n_pages)
{
    constexpr size_t all_pages = size_t{1} << 20;
    if (n_pages == 0 || start % page_size != 0 || n_pages > all_pages - start / page_size)
        return "a range begins at a page, is not empty, and ends at 4 GiB or before";
    return nullptr;
}

// The first range of kernel addresses is the kernel's. All others have one struct between them: the
// newest is there.
void init(call &c)
{
    uintptr_t start = c.argument(0);
    size_t n_pages = c.argument(1), size = 0;
    bool is_kernels = start >= kernel_base && !kernels_is_there;
    if (const char *why = why_not(start, n_pages))
        return c.refuse(why);
    if (!is_room_for(c, 1) || !c.run([&] { size = buddy_state_size(n_pages); }))
        return;
    void *state = lend(size, is_kernels);
    if (!state)
        return c.result("lent", 0);
    vpallocator *vpa = is_kernels ? &kernel_vpallocator : &of_init;
    if (!c.run([&] { vpinit(vpa, start, n_pages, state); }))
        return;
    kernels_is_there |= is_kernels;
    std::ranges::replace(allocators, vpa, nullptr);
    uint32_t number = is_kernels ? 0 : add(vpa);
    c.result("number", number);
    c.keep(number, 0);
    note_damage(c);
}

// Writes down where vpcreate's allocator or its state lies, if that is nothing of kvmalloc's.
void note_elsewhere(call &c, const vpallocator *vpa)
{
    for (const void *part :
         {static_cast<const void *>(vpa), static_cast<const void *>(vpa->pages.state)})
        if (reinterpret_cast<uintptr_t>(part) < kernel_range_start())
            return c.address("elsewhere", reinterpret_cast<uintptr_t>(part));
}

void create(call &c)
{
    if (!memory_is_up(c) || !is_room_for(c, 1))
        return;
    vpallocator *vpa = nullptr;
    if (!c.run([&] { vpa = vpcreate(c.argument(0), c.argument(1)); }))
        return;
    uint32_t number = vpa ? add(vpa) : 0;
    c.result("number", number);
    c.keep(number, 0);
    if (vpa)
        note_elsewhere(c, vpa);
}

// As many as there are before the first null.
void create_many(call &c)
{
    size_t count = c.argument(2), first = n_allocators + 1;
    if (!memory_is_up(c) || !is_room_for(c, count))
        return;
    bool returned = c.run([&] {
        while (n_allocators + 1 < first + count) {
            vpallocator *vpa = vpcreate(c.argument(0), c.argument(1));
            if (!vpa)
                break;
            add(vpa);
        }
    });
    if (!returned)
        return;
    c.result("first", first);
    c.result("count", n_allocators + 1 - first);
    c.keep(first, 0);
}

bool is_created(uint32_t number)
{
    return number == 0 ||
           (number <= n_allocators && allocators[number] && allocators[number] != &of_init);
}

void destroy(call &c)
{
    vpallocator *vpa;
    uint32_t number = c.argument(0);
    if (!memory_is_up(c) || !find(c, number, vpa))
        return;
    if (!is_created(number))
        return c.refuse("that allocator was not made by vpcreate");
    if (c.run([&] { vpdestroy(vpa); }))
        allocators[number] = nullptr;
}

void destroy_many(call &c)
{
    uint32_t first = c.argument(0), step = c.argument(1), count = c.argument(2);
    if (!memory_is_up(c))
        return;
    c.run([&] {
        for (uint32_t number = first; number != first + step * count; number += step)
            if (number != 0 && is_created(number))
                vpdestroy(std::exchange(allocators[number], nullptr));
    });
    while (n_allocators > 0 &&
           !allocators[n_allocators]) // the numbers of the last ones are given again
        n_allocators--;
}

// What vpalloc returned, and what it wrote to *start_addr.
struct pages {
    size_t count = 0;
    uintptr_t start = untouched;
};

pages alloc(call &c)
{
    vpallocator *vpa;
    pages got;
    fenced start(got.start);
    if (!find(c, c.argument(0), vpa) || (!vpa && !kernels_can_be_used(c)) ||
        !c.run([&] { got.count = vpalloc(vpa, c.argument(1), c.argument(2), &start); }))
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
    vpallocator *vpa;
    uintptr_t address = c.argument(1);
    bool is_nobodys = c.argument(2) == 0 && c.argument(0) > n_allocators;
    if (is_nobodys)
        vpa = reinterpret_cast<vpallocator *>(sizeof *vpa); // no pages are nothing, whatever vpa is
    else if (!find(c, c.argument(0), vpa) || (address >= kernel_base && !kernels_can_be_used(c)))
        return;
    if (c.run([&] { vpfree(vpa, address, c.argument(2)); }))
        note_damage(c);
}

// What the struct says to who reads it.
void members(call &c)
{
    vpallocator *vpa;
    if (find(c, c.argument(0), vpa))
        c.address("start", (vpa ? vpa : &kernel_vpallocator)->start);
}

// Where the parts of the address space lie: for the oracle, and for scenarios that need to know.
void say_kernel_base(call &c)
{
    c.address("base", kernel_base);
    c.keep(kernel_base, 0);
}

void user_pages(call &c)
{
    c.result("pages", kernel_base / page_size);
    c.keep(kernel_base / page_size, 0);
}

void kernel_range(call &c)
{
    if (!memory_is_up(c))
        return;
    uintptr_t start = kernel_range_start();
    size_t n_pages = -start / page_size - 1; // all but the last page below 4 GiB
    c.address("start", start);
    c.result("pages", n_pages);
    c.keep(start, n_pages);
}

constexpr operation operations[] = {
    {"init START PAGES", "vpinit: an allocator V for a range of user or kernel addresses", init},
    {"create START PAGES", "vpcreate: an allocator V for a range of user addresses", create},
    {"create_many START PAGES COUNT", "COUNT of them, numbered one after the other", create_many},
    {"destroy V", "vpdestroy", destroy},
    {"destroy_many V STEP COUNT", "COUNT of them, each STEP after the one before", destroy_many},
    {"alloc V MIN MAX", "allocates from MIN to MAX consecutive pages; V 0 is the kernel's",
     alloc_or_leave_start},
    {"ask V MIN MAX", "as alloc, but *start_addr is not looked at where it gets none", ask},
    {"free V ADDRESS COUNT", "frees COUNT pages from ADDRESS on; with 0, V may be none there is",
     free_pages},
    {"members V", "says where the range begins, by the allocator's struct", members},
    {"kernel_base", "says where kernel addresses begin", say_kernel_base},
    {"user_pages", "says how many pages of user addresses there are", user_pages},
    {"kernel_range", "says which addresses the kernel's allocator hands out", kernel_range},
};

constexpr lab vpalloc_lab{"vpalloc", "Lab 3: virtual pages", operations, memory_operations,
                          vpalloc_check};
REGISTER_LAB(vpalloc_lab);

} // namespace
