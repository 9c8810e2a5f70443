#include "player/lab.h"

#include "mm/buddy.h"
#include "player/arena.h"
#include "player/fence.h"

#include <algorithm>
#include <span>

// The operations of lab 1: one buddy allocator, its state in the player's arena.

// The student's own, if the file has one (docs/scenarios.md).
[[gnu::weak]] void buddy_check(buddy *b);

namespace
{

constexpr uint32_t untouched = 0xfeedbeef; // what *start holds before buddy_alloc

// The two allocators that operations may be meant for, and the state of each.
struct one_of_two {
    fenced<buddy> allocator;
    void *state = nullptr;
};
constinit one_of_two ours[2] = {{}, {}};
size_t turn;                           // which of the two
constexpr size_t most_of_other = 1024; // units
alignas(16) char state_of_other[16 * most_of_other + 4096];

buddy *allocator()
{
    return &ours[turn].allocator;
}

bool is_there(call &c)
{
    if (!ours[turn].state)
        c.refuse("there is no allocator yet: init UNITS");
    return ours[turn].state;
}

// Says so if the bytes around the state, the struct, or *start were written to.
void note_damage(call &c, const damage &around_start = {})
{
    note_first_damage(c, {{"damage", arena_damage()},
                          {"struct_damage", ours[turn].allocator.look()},
                          {"start_damage", around_start}});
}

void *lend(size_t size)
{
    if (turn == 0)
        return arena_lend(size);
    return size <= sizeof state_of_other ? state_of_other : nullptr;
}

void init(call &c)
{
    size_t units = c.argument(0), size = 0;
    if (units == 0 || units > buddy_max_units)
        return c.refuse("UNITS must be from 1 to 1048576");
    if (turn == 0 && ours[turn].state) // the other's memory can be used again
        return c.refuse("the allocator is there already");
    if (turn == 1 && units > most_of_other)
        return c.refuse("the other allocator has at most 1024 units");
    if (!c.run([&] {
            size = buddy_state_size(units);
            buddy_state_size(units / 2 + 1); // somebody else's: nothing is remembered of either
        }))
        return;
    c.result("size", size);
    void *state = lend(size);
    if (!state)
        return c.result("lent", 0);
    c.concerns(size);
    if (!c.run([&] { buddy_init(allocator(), units, state); }))
        return;
    ours[turn].state = state;
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
    fenced start(got.start);
    if (!is_there(c) || !c.run([&] {
            got.count = buddy_alloc(allocator(), c.argument(0), c.argument(1), &start);
        }))
        return {};
    got.start = *start;
    c.result("count", got.count);
    if (got.count > 0)
        c.result("start", got.start);
    c.keep(got.start, got.count);
    note_damage(c, start.look());
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
    if (is_there(c) && c.run([&] { buddy_free(allocator(), c.argument(0), c.argument(1)); }))
        note_damage(c);
}

void comb(call &c)
{
    if (!is_there(c))
        return;
    size_t first = c.argument(0), step = c.argument(1), count = c.argument(2);
    bool returned = c.run([&] {
        for (size_t i = 0; i < count; i++)
            buddy_free(allocator(), first + i * step, 1);
    });
    if (returned)
        note_damage(c);
}

// What comes of the first request, and the fewest units that any of them got.
void churn(call &c)
{
    if (!is_there(c))
        return;
    run first, got;
    size_t fewest = SIZE_MAX;
    bool returned = c.run([&] {
        for (size_t i = 0; i <= c.argument(0); i++) {
            got.count = buddy_alloc(allocator(), c.argument(1), c.argument(2), &got.start);
            buddy_free(allocator(), got.start, got.count);
            first = i == 0 ? got : first;
            fewest = std::min(fewest, got.count);
        }
    });
    if (!returned)
        return;
    c.result("count", first.count);
    if (first.count > 0)
        c.result("start", first.start);
    c.result("fewest", fewest);
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
        got.count = buddy_alloc(&other, units, units, &got.start);
    });
    if (!returned)
        return;
    c.result("count", got.count);
    if (got.count > 0)
        c.result("start", got.start);
}

// As many allocators at a time, side by side in the arena: each has a single unit free, and is
// asked for it twice. How many units came of it in all, what their numbers add up to, and how many
// came the second time.
void crowd(call &c)
{
    constexpr size_t units = 8, most = 512;
    static buddy many[most];
    size_t n = c.argument(0), size = 0, counts[2] = {}, starts = 0;
    if (n == 0 || n > most || ours[0].state)
        return c.refuse("COUNT must be from 1 to 512, and the arena not the first allocator's");
    if (!c.run([&] { size = (buddy_state_size(units) + 15) / 16 * 16; }))
        return;
    auto states = static_cast<char *>(size <= arena_capacity / n ? arena_lend(n * size) : nullptr);
    if (!states)
        return c.result("lent", 0);
    c.concerns(n * size);
    auto request = [&](size_t i, size_t &count) {
        run got;
        count += got.count = buddy_alloc(&many[i], 1, units, &got.start);
        starts += got.count ? got.start : 0;
    };
    if (!c.run([&] {
            for (size_t i = 0; i < n; i++)
                buddy_init(&many[i], units, states + i * size);
            for (size_t i = 0; i < n; i++)
                buddy_free(&many[i], i % units, 1);
            for (size_t &count : counts)
                for (size_t i = 0; i < n; i++)
                    request(i, count);
        }))
        return;
    c.result("count", counts[0]);
    c.result("starts", starts);
    c.result("again", counts[1]);
}

// What the members say that callers read; the state's place counts from where it was lent.
void members(call &c)
{
    if (!is_there(c))
        return;
    c.result("units", allocator()->units);
    c.result("state", reinterpret_cast<uintptr_t>(allocator()->state) -
                          reinterpret_cast<uintptr_t>(ours[turn].state));
}

void other(call &c)
{
    turn = 1 - turn;
    c.result("turn", turn);
}

// An allocator so small that all that can happen to it is tried.
class small_world
{
public:
    static constexpr size_t most_units = 8;

    void begin(size_t with_units, uint32_t free_ones)
    {
        units = with_units, free_units = free_ones;
        for (size_t i = 0; i < std::size(state); i++)
            state[i] = (i + 1) * 0x9e3779b9; // junk
        if (buddy_state_size(units) <= sizeof state)
            buddy_init(&tried, units, state);
    }

    // All is allocated; the free units come, one request is made, and what is left is taken. What
    // each request got, one byte after the other from the lowest: the count, 4 bits, and the start.
    uint64_t requests(size_t min, size_t max)
    {
        come(max % 4);
        uint64_t answers = request(min, max);
        for (unsigned bits = 8; bits < 56; bits += 8) {
            uint64_t answer = request(1, units);
            if (answer == 0)
                break;
            answers |= answer << bits;
        }
        return answers;
    }

private:
    buddy tried{};
    size_t units = 0;
    uint32_t free_units = 0;
    alignas(16) uint32_t state[(16 * most_units + 4096) / sizeof(uint32_t)] = {};

    void free_if_free(size_t unit, size_t count = 1)
    {
        if (free_units >> unit & 1)
            buddy_free(&tried, unit, count);
    }

    // In one of four orders: run by run, forwards, backwards, those with odd numbers first.
    void come(size_t order)
    {
        for (size_t i = 0; i < units; i++) {
            size_t unit = order == 2 ? units - 1 - i : (2 * i + 1) % (units | 1);
            if (order == 0)
                i += come_as_run(i);
            else
                free_if_free(order == 1 ? i : unit);
        }
    }

    // The units from `unit` on that are free, without one between them. How many there are.
    size_t come_as_run(size_t unit)
    {
        size_t count = 0;
        while (free_units >> (unit + count) & 1)
            count++;
        free_if_free(unit, count);
        return count;
    }

    uint64_t request(size_t min, size_t max)
    {
        constexpr size_t highest = 15;
        size_t start = highest, count = buddy_alloc(&tried, min, max, &start);
        return count == 0 ? 0 : std::min(count, highest) << 4 | std::min(start, highest);
    }
};

void world(call &c)
{
    size_t units = c.argument(0), min = c.argument(2);
    if (units == 0 || units > small_world::most_units || c.argument(1) >> units)
        return c.refuse("UNITS must be from 1 to 8, and FREE a bit for each unit that is free");
    static small_world tried;
    uint64_t answers[small_world::most_units + 2];
    if (!c.run([&] {
            tried.begin(units, c.argument(1));
            for (size_t max = 0; max <= units + 1; max++)
                answers[max] = tried.requests(min, max);
        }))
        return;
    constexpr const char *names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};
    for (size_t max = 0; max <= units + 1; max++)
        c.address(names[max], answers[max]);
}

constexpr operation operations[] = {
    {"init UNITS", "makes an allocator of so many units, all of them allocated", init},
    {"alloc MIN MAX", "allocates from MIN to MAX consecutive units", alloc_or_leave_start},
    {"ask MIN MAX", "as alloc, but *start is not looked at where it gets none", ask},
    {"free START COUNT", "makes COUNT units available, from START on", free_units},
    {"comb FIRST STEP COUNT", "makes COUNT single units available, STEP apart", comb},
    {"churn MORE MIN MAX", "allocates and gives it back, once and so many times more", churn},
    {"members", "says what the allocator's members are", members},
    {"other", "what comes next is meant for the other of two allocators", other},
    {"world UNITS FREE MIN", "tries all requests from MIN on with those units free, of up to 8",
     world},
    {"beside", "makes another allocator, of 64 units, frees all of them and allocates them",
     beside},
    {"crowd COUNT", "makes so many of 8 units, frees a unit of each, and asks each for it twice",
     crowd},
};

void check()
{
    if (buddy_check && ours[turn].state)
        buddy_check(allocator());
}

constexpr lab buddy_lab{"buddy", "Lab 1: a buddy allocator", operations, {}, check};
REGISTER_LAB(buddy_lab);

} // namespace
