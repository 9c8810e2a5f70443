#pragma once

#include <algorithm>
#include <bit>
#include <span>
#include <string_view>

#include <stdint.h>

#include "mm/buddy.h"

// A few workloads of requests and frees: instructions are counted in the guest (buddy_player.cpp),
// time is taken on the host (buddy_time.cpp).

constexpr uint32_t largest_order = 10;
constexpr int settling_operations = 20'000;
constexpr int measured_operations = 100'000;
constexpr size_t most_numbers = 3 * measured_operations; // an operation takes up to three

struct workload {
    std::string_view name;
    enum { geometric, uniform, order_0, failing, filling, splitting } orders;
    unsigned percent_full;
};

inline constexpr workload workloads[] = {
    {"geo50", workload::geometric, 50}, {"geo70", workload::geometric, 70},
    {"geo90", workload::geometric, 90}, {"zero90", workload::order_0, 90},
    {"uni70", workload::uniform, 70},   {"failing", workload::failing, 50},
    {"fill", workload::filling, 0},     {"split", workload::splitting, 0},
};

struct run {
    uint32_t units;
    uint32_t start;
};

struct allocator {
    size_t (*state_size)(size_t units);
    void (*init)(buddy *, size_t units, void *state);
    size_t (*alloc)(buddy *, size_t min, size_t max, size_t *start);
    void (*free)(buddy *, size_t start, size_t count);
};

// What does nothing: the share of this code in the figures.
inline size_t alloc_nothing(buddy *, size_t min, size_t max, size_t *start)
{
    *start = 0;
    return min < max ? 0 : max;
}

inline void free_nothing(buddy *, size_t, size_t) {}

// What whoever measures has to lend.
struct lent_memory {
    void *state;                 // the allocator's
    std::span<run> live;         // live_runs(units) of them
    std::span<uint32_t> numbers; // most_numbers
};

constexpr size_t live_runs(size_t units)
{
    return units + 256;
}

// An allocator with everything free, to be brought into the state that a workload is to begin with.
class bench
{
public:
    bench(const workload &w, const allocator &a, uint32_t units, const lent_memory &memory)
        : w(w), a(a), units(units), target(units / 100 * w.percent_full), live(memory.live.data()),
          numbers(memory.numbers)
    {
        a.init(&b, units, memory.state);
        a.free(&b, 0, units);
    }

    // Before the first round of operations().
    void prepare()
    {
        switch (w.orders) {
        case workload::geometric:
            return prepare<workload::geometric>();
        case workload::uniform:
            return prepare<workload::uniform>();
        case workload::order_0:
            return prepare<workload::order_0>();
        case workload::failing:
            return prepare_failing();
        case workload::filling:
        case workload::splitting:
            return; // they begin with everything free
        }
    }

    // Before each round of operations(): drawing random numbers is no part of what is measured.
    void draw() { draw(most_numbers); }

    // What is measured: `measured_operations` of them.
    void operations()
    {
        switch (w.orders) {
        case workload::geometric:
            return operations<workload::geometric>(measured_operations);
        case workload::uniform:
            return operations<workload::uniform>(measured_operations);
        case workload::order_0:
            return operations<workload::order_0>(measured_operations);
        case workload::failing:
            return failing_operations(measured_operations);
        case workload::filling:
            return filling_operations(measured_operations);
        case workload::splitting:
            return splitting_operations(measured_operations);
        }
    }

private:
    const workload &w;
    allocator a;
    buddy b = {};
    uint32_t units;
    uint32_t target;
    uint32_t used = 0;
    run *live;
    uint32_t live_count = 0;
    std::span<uint32_t> numbers;
    const uint32_t *next_number = nullptr;
    uint32_t last_number = 2463534242;

    void draw(size_t n)
    {
        for (uint32_t &number : numbers.first(n)) {
            last_number ^= last_number << 13; // Marsaglia's xorshift32
            last_number ^= last_number >> 17;
            number = last_number ^= last_number << 5;
        }
        next_number = numbers.data();
    }

    uint32_t random_number() { return *next_number++; }

    uint32_t random_below(uint32_t limit) { return uint64_t{random_number()} * limit >> 32; }

    template <auto orders>
    inline void alloc_one()
    {
        uint32_t size = 1;
        if constexpr (orders == workload::geometric)
            size = 1u << std::countr_zero(random_number() | 1u << largest_order);
        else if constexpr (orders == workload::uniform)
            size = 1u << random_below(largest_order + 1);
        size_t start;
        if (!a.alloc(&b, size, size, &start))
            return;
        live[live_count++] = {size, static_cast<uint32_t>(start)};
        used += size;
    }

    inline void free_one()
    {
        run &chosen = live[random_below(live_count)];
        run r = chosen;
        chosen = live[--live_count];
        used -= r.units;
        a.free(&b, r.start, r.units);
    }

    // Runs of 1 to 256 allocations or frees, three in four towards the target.
    template <auto orders>
    inline void operations(int n)
    {
        while (n > 0) {
            int length = std::min<int>(1 + random_number() % 256, n);
            bool towards = random_number() % 4 != 0;
            n -= length;
            if ((used < target) == towards) {
                for (; length; length--)
                    alloc_one<orders>();
            } else {
                for (; length && live_count; length--)
                    free_one();
            }
        }
    }

    template <auto orders>
    void prepare()
    {
        for (; used < units / 100 * 95; alloc_one<orders>())
            draw(1);
        for (; used > target; free_one())
            draw(1);
        draw(3 * settling_operations);
        operations<orders>(settling_operations);
    }

    // Every other unit is free, and two are asked for.
    void prepare_failing()
    {
        size_t start;
        while (a.alloc(&b, 1, 1, &start) && ++used < units)
            ;
        for (size_t unit = 0; unit < units; unit += 2)
            a.free(&b, unit, 1);
    }

    inline void failing_operations(int n)
    {
        size_t start;
        for (; n; n--)
            used += a.alloc(&b, 2, 2 + (n & 1), &start);
    }

    // Single units, then all are given back, in the order in which they came.
    inline void filling_operations(int n)
    {
        uint32_t most = std::min<uint32_t>(units, n / 2);
        while (n > 0) {
            for (; n > 0 && live_count < most; n--)
                alloc_one<workload::order_0>();
            for (uint32_t next = 0; n > 0 && next < live_count; n--)
                a.free(&b, live[next++].start, 1);
            live_count = 0;
        }
    }

    // The whole is split down to a single unit, and joined again.
    inline void splitting_operations(int n)
    {
        size_t start;
        for (; n > 0; n -= 2) {
            a.alloc(&b, 1, 1, &start);
            a.free(&b, start, 1);
        }
    }
};
