#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

#include "mm/buddy.h"

// What bench/buddy.cpp and bench/buddy_time.cpp play: a few workloads of requests and frees.

constexpr uint32_t largest_order = 10;
constexpr int settling_operations = 20'000;
constexpr int measured_operations = 100'000;

struct workload {
    const char *name;
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

inline size_t alloc_nothing(buddy *, size_t min, size_t max, size_t *start)
{
    *start = 0;
    return min < max ? 0 : max;
}

inline void free_nothing(buddy *, size_t, size_t) {}

// Random numbers are drawn beforehand, so that drawing them is no part of what is measured.
inline std::vector<uint32_t> numbers;
inline const uint32_t *next_number;

inline void draw_numbers(size_t n)
{
    static uint32_t x = 2463534242;
    numbers.resize(n);
    for (uint32_t &number : numbers) {
        x ^= x << 13; // Marsaglia's xorshift32
        x ^= x >> 17;
        x ^= x << 5;
        number = x;
    }
    next_number = numbers.data();
}

inline uint32_t random_number()
{
    return *next_number++;
}

inline uint32_t random_below(uint32_t limit)
{
    return uint64_t{random_number()} * limit >> 32;
}

struct alignas(16) granule {
    char bytes[16];
};

// An allocator with everything free, then brought into the state that a workload is to begin with.
struct bench {
    buddy b = {};
    allocator a;
    uint32_t units;
    uint32_t target;
    uint32_t used = 0;
    std::vector<run> live;
    uint32_t live_count = 0;
    std::vector<granule> state;
    const workload &w;

    bench(const workload &w, const allocator &a, uint32_t units)
        : a(a), units(units), target(units / 100 * w.percent_full), live(units + 256),
          state((a.state_size(units) + 15) / 16), w(w)
    {
        a.init(&b, units, state.data());
        a.free(&b, 0, units);
        prepare();
    }

    // To be called before each round of operations().
    void draw() { draw_numbers(3 * measured_operations); }

    // What is measured: `measured_operations` of them.
    inline void operations()
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
        live.data()[live_count++] = {size, static_cast<uint32_t>(start)};
        used += size;
    }

    inline void free_one()
    {
        run &chosen = live.data()[random_below(live_count)];
        run r = chosen;
        chosen = live.data()[--live_count];
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
        draw_numbers(2 * units); // enough for filling, and for emptying
        while (used < units / 100 * 95)
            alloc_one<orders>();
        while (used > target)
            free_one();
        draw_numbers(3 * settling_operations);
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

    // Single units until there are no more, then all are given back, in the order in which they came.
    inline void filling_operations(int n)
    {
        while (n > 0) {
            for (; n > 0 && live_count < units; n--)
                alloc_one<workload::order_0>();
            for (uint32_t next = 0; n > 0 && next < live_count; n--)
                a.free(&b, live.data()[next++].start, 1);
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
};
