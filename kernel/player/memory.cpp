#include "player/memory.h"

#include "arch/physical.h"
#include "mm/allocation.h"

#include <algorithm>

namespace
{

constexpr uintptr_t highest_start = 0xff000000; // of the kernel's range: it still has some pages

bool up;

// Runs of pages taken out of an allocator: to count what is free, or to make memory scarce. Which
// allocator, its type says: a variable could be changed by the code under test.
template <size_t alloc(size_t min, size_t max, uintptr_t *start),
          void free(uintptr_t start, size_t n_pages)>
struct hoard {
    struct run {
        uintptr_t start;
        size_t n_pages;
    };
    static constexpr size_t capacity = 4096;
    static constexpr size_t address_space = SIZE_MAX / page_size; // pages

    run runs[capacity];
    size_t n_runs;

    // Takes everything there is, when nothing is held. Returns the number of pages held; stops
    // early if they lie in more runs than there is room for, or are more than can be: an allocator
    // that hands out pages twice may never come to an end.
    size_t take_all()
    {
        size_t held = 0;
        for (; n_runs < capacity && held < address_space; held += runs[n_runs++].n_pages) {
            run &r = runs[n_runs];
            r.n_pages = std::min(alloc(1, SIZE_MAX, &r.start), address_space);
            if (r.n_pages == 0)
                break;
        }
        return held;
    }

    void give_all_back()
    {
        while (n_runs > 0)
            give_some_back(SIZE_MAX);
    }

    // Gives the last run back, or as many pages from its end.
    void give_some_back(size_t most)
    {
        run &r = runs[n_runs - 1];
        size_t given = std::min(most, r.n_pages);
        r.n_pages -= given;
        uintptr_t start = r.start + r.n_pages * page_size;
        if (r.n_pages == 0)
            n_runs--;
        free(start, given);
    }

    // Gives `count` pages back, `step` pages apart, keeping those between. How many it could.
    size_t give_back(size_t count, size_t step)
    {
        size_t given = 0;
        for (size_t i = 0, whole_runs = n_runs; i < whole_runs; i++) {
            run &r = runs[i];
            while (r.n_pages > 0 && given < count && n_runs < capacity) {
                free(r.start, 1);
                given++;
                size_t kept = std::min(step, r.n_pages) - 1;
                if (kept > 0)
                    runs[n_runs++] = {r.start + page_size, kept};
                r.start += (kept + 1) * page_size, r.n_pages -= kept + 1;
            }
        }
        return given;
    }
};

size_t alloc_pages(size_t min, size_t max, uintptr_t *start)
{
    return vpalloc(nullptr, min, max, start);
}

void free_pages(uintptr_t start, size_t n_pages)
{
    vpfree(nullptr, start, n_pages);
}

constinit hoard<ppalloc, ppfree> frames;
constinit hoard<alloc_pages, free_pages> pages;

void bring_up(call &c, uintptr_t lowest_start)
{
    if (up)
        return c.refuse("the memory system is up already");
    up = c.run([=] { mm_init(lowest_start); });
}

void boot(call &c)
{
    bring_up(c, 0);
}

// With fewer kernel pages, for those who free them one by one.
void boot_from(call &c)
{
    uintptr_t start = c.argument(0);
    if (start % page_size != 0 || start < kernel_base || start > highest_start)
        return c.refuse("ADDRESS must be a kernel page's, at most 0xff000000");
    bring_up(c, start);
}

void kvpages(call &c)
{
    c.result("pages", kvmalloc_pages().pages);
    c.result("peak", kvmalloc_pages().peak);
    c.result("tables", kernel_tables_made());
}

// In portions, each with the time of an operation: who frees page by page is not too slow for it.
bool give_portions_back(call &c, auto &h)
{
    while (h.n_runs > 0)
        if (!c.run([&] { h.give_some_back(4096); }))
            return false;
    return true;
}

void count(call &c, auto &h)
{
    if (!memory_is_up(c))
        return;
    if (h.n_runs > 0)
        return c.refuse("memory is scarce now: give it back first");
    size_t free_pages = 0;
    if (c.run([&] { free_pages = h.take_all(); }) && give_portions_back(c, h))
        c.result("free", free_pages);
    kvpages(c);
}

void leave(call &c, auto &h)
{
    if (!memory_is_up(c))
        return;
    size_t wanted = c.argument(0), step = c.argument(1), left = 0;
    if (step == 0)
        return c.refuse("STEP must be 1 or more");
    if (c.run([&] {
            h.give_all_back();
            h.take_all();
            left = h.give_back(wanted, step);
        }))
        c.result("free", left);
}

void give_back(call &c, auto &h)
{
    if (memory_is_up(c))
        give_portions_back(c, h);
}

// Fills frames that are free with what looks like page table entries of two kinds: whoever gets
// them next must not take them for clean.
void junk(call &c)
{
    constexpr uint32_t looks_mapped = 0x00100007, all_ones = 0xffffffff;
    if (!memory_is_up(c))
        return;
    if (frames.n_runs > 0)
        return c.refuse("memory is scarce now: give it back first");
    for (size_t i = 0; i < c.argument(0) && i < frames.capacity; i++) {
        uintptr_t start;
        if (ppalloc(1, 1, &start) == 0)
            break;
        fill_physical_page(start, looks_mapped, all_ones);
        frames.runs[frames.n_runs++] = {start, 1};
    }
    frames.give_all_back();
}

} // namespace

constinit const operation memory_operations[10] = {
    {"boot", "brings the memory system up", boot},
    {"boot_from ADDRESS", "brings it up; the kernel's range begins there", boot_from},
    {"frames", "counts the free frames", [](call &c) { count(c, frames); }},
    {"leave COUNT STEP", "takes all frames but COUNT, STEP apart",
     [](call &c) { leave(c, frames); }},
    {"unleave", "gives the frames back", [](call &c) { give_back(c, frames); }},
    {"pages", "counts the free pages of kernel addresses", [](call &c) { count(c, pages); }},
    {"leave_pages COUNT STEP", "takes all of those but COUNT, STEP apart",
     [](call &c) { leave(c, pages); }},
    {"unleave_pages", "gives these pages back", [](call &c) { give_back(c, pages); }},
    {"junk COUNT", "fills the COUNT frames that come next with junk", junk},
    {"kvpages", "says how many pages kvmalloc has given out", kvpages},
};

bool memory_is_up(call &c)
{
    if (!up)
        c.refuse("the memory system is not up yet: boot");
    return up;
}
