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

void alloc(call &c)
{
    if (!initialised)
        return c.refuse("there is no allocator yet: init UNITS");
    size_t count = 0, start = untouched;
    if (!c.run([&] { count = buddy_alloc(&allocator, c.argument(0), c.argument(1), &start); }))
        return;
    c.result("count", count);
    if (count > 0 || start != untouched)
        c.result("start", start);
    c.keep(start, count);
    note_damage(c);
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

constexpr operation operations[] = {
    {"init UNITS", "makes an allocator of so many units, all of them allocated", init},
    {"alloc MIN MAX", "allocates from MIN to MAX consecutive units", alloc},
    {"free START COUNT", "makes COUNT units available, from START on", free_units},
    {"comb FIRST STEP COUNT", "makes COUNT single units available, STEP apart", comb},
};

constexpr lab buddy_lab{"buddy", "Lab 1: a buddy allocator", operations};
REGISTER_LAB(buddy_lab);

} // namespace
