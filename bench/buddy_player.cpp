#include "mm/layout.h"
#include "player/lab.h"
#include "player/memory.h"

#include "bench_memory.h"
#include "buddy_workload.h"

#include <algorithm>
#include <optional>

// The buddy allocator's workloads as a lab's operations, for an image that `make bench` plays
// (grader/bench/buddy.py): `boot`, one that prepares, then `play`, whose cost is what is measured.

namespace
{

allocator chosen = {buddy_state_size, buddy_init, buddy_alloc, buddy_free};
std::optional<bench> prepared;

void choose_nothing(call &)
{
    chosen.alloc = alloc_nothing;
    chosen.free = free_nothing;
}

void prepare(call &c, std::string_view name)
{
    size_t units = c.argument(0);
    if (!memory_is_up(c))
        return;
    if (prepared || units < 1 || units > buddy_max_units)
        return c.refuse("expected: one workload, of 1 to 1048576 units");
    auto w = std::find_if(std::begin(workloads), std::end(workloads),
                          [&](const workload &each) { return each.name == name; });
    size_t size = chosen.state_size(units);
    lent_memory memory{bench_memory<char>(size).data(), bench_memory<run>(live_runs(units)),
                       bench_memory<uint32_t>(most_numbers)};
    c.result("state", size);
    c.run([&] {
        prepared.emplace(*w, chosen, units, memory);
        prepared->prepare();
        prepared->draw();
    });
}

void play(call &c)
{
    if (!prepared)
        return c.refuse("nothing is prepared yet");
    c.run([] { prepared->operations(); });
    c.result("operations", measured_operations);
}

constexpr operation operations[] = {
    {"nothing", "plays what follows to an allocator that does nothing", choose_nothing},
    {"geo50 UNITS", "mixed orders, 50 % full", [](call &c) { prepare(c, "geo50"); }},
    {"geo70 UNITS", "mixed orders, 70 % full", [](call &c) { prepare(c, "geo70"); }},
    {"geo90 UNITS", "mixed orders, 90 % full", [](call &c) { prepare(c, "geo90"); }},
    {"zero90 UNITS", "order 0, 90 % full", [](call &c) { prepare(c, "zero90"); }},
    {"uni70 UNITS", "all orders alike, 70 % full", [](call &c) { prepare(c, "uni70"); }},
    {"failing UNITS", "requests that fail", [](call &c) { prepare(c, "failing"); }},
    {"fill UNITS", "single units, then all of them back", [](call &c) { prepare(c, "fill"); }},
    {"split UNITS", "split and join", [](call &c) { prepare(c, "split"); }},
    {"play", "plays what is prepared", play},
};

constexpr lab bench_lab{"bench_buddy", "bench: the buddy allocator", operations, memory_operations};
REGISTER_LAB(bench_lab);

} // namespace
