#include "player/lab.h"

#include "mm/buddy.h"
#include "player/arena.h"

// The operations of lab 1: one buddy allocator, its state in the player's arena.

namespace
{

constexpr uint32_t untouched = 0xfeedbeef; // what *start holds before buddy_alloc

buddy allocator;
bool initialised;

// Says so if the bytes around the state were written to.
void note_damage(call &c)
{
    if (size_t damage = arena_damage())
        c.result("damage", damage);
}

void init(call &c)
{
    size_t units = c.argument(0), size = 0;
    if (units == 0 || units > buddy_max_units)
        return c.refuse("UNITS must be from 1 to 1048576");
    if (initialised)
        return c.refuse("the allocator is there already");
    if (!c.run([&] { size = buddy_state_size(units); }))
        return;
    c.result("size", size);
    void *state = arena_lend(size);
    if (!state)
        return c.result("lent", 0);
    if (!c.run([&] { buddy_init(&allocator, units, state); }))
        return;
    initialised = true;
    note_damage(c);
}

// What buddy_alloc returned, and what it wrote to *start.
struct run {
    size_t count = 0;
    size_t start = untouched;
};

run alloc(call &c)
{
    run got;
    if (!initialised) {
        c.refuse("there is no allocator yet: init UNITS");
        return got;
    }
    if (!c.run(
            [&] { got.count = buddy_alloc(&allocator, c.argument(0), c.argument(1), &got.start); }))
        return {};
    c.result("count", got.count);
    if (got.count > 0)
        c.result("start", got.start);
    c.keep(got.start, got.count);
    note_damage(c);
    return got;
}

void alloc_or_leave_start(call &c)
{
    run got = alloc(c);
    if (got.count == 0 && got.start != untouched)
        c.result("start", got.start);
}

void ask(call &c)
{
    alloc(c);
}

void free_units(call &c)
{
    if (!initialised)
        return c.refuse("there is no allocator yet: init UNITS");
    if (!c.run([&] { buddy_free(&allocator, c.argument(0), c.argument(1)); }))
        return;
    note_damage(c);
}

void comb(call &c)
{
    if (!initialised)
        return c.refuse("there is no allocator yet: init UNITS");
    size_t first = c.argument(0), step = c.argument(1), count = c.argument(2);
    bool returned = c.run([&] {
        for (size_t i = 0; i < count; i++)
            buddy_free(&allocator, first + i * step, 1);
    });
    if (returned)
        note_damage(c);
}

// Another allocator, with a state of its own, is used from its beginning to its end.
void beside(call &c)
{
    constexpr size_t units = 64;
    alignas(16) static char state[16 * units + 4096];
    buddy other;
    run got;
    bool returned = c.run([&] {
        if (buddy_state_size(units) > sizeof(state))
            return;
        buddy_init(&other, units, state);
        buddy_free(&other, 0, units);
        got.count = buddy_alloc(&other, 1, units, &got.start);
    });
    if (!returned)
        return;
    c.result("count", got.count);
    if (got.count > 0)
        c.result("start", got.start);
}

constexpr operation operations[] = {
    {"init UNITS", "makes an allocator of so many units, all of them allocated", init},
    {"alloc MIN MAX", "allocates from MIN to MAX consecutive units", alloc_or_leave_start},
    {"ask MIN MAX", "the same, whatever it leaves in *start if it gets none", ask},
    {"free START COUNT", "makes COUNT units available, from START on", free_units},
    {"comb FIRST STEP COUNT", "makes COUNT single units available, STEP apart", comb},
    {"beside", "makes another allocator, of 64 units, frees all of them and allocates them",
     beside},
};

constexpr lab buddy_lab{"buddy", "Lab 1: a buddy allocator", operations};
REGISTER_LAB(buddy_lab);

} // namespace
