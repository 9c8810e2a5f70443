// Tests of buddy.cpp on the host: one for each sentence of kernel/mm/buddy.h, and long random
// comparisons with a model that is too simple to be wrong.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "host_panic.h"
#include "mm/buddy.h"

namespace
{
struct run {
    size_t start, count;
    bool operator==(const run &) const = default;
};

std::ostream &operator<<(std::ostream &out, const run &r)
{
    return out << r.start << "+" << r.count;
}

class random_numbers // splitmix64: the same numbers everywhere
{
public:
    explicit random_numbers(uint64_t seed) : state{seed} {}
    uint64_t next()
    {
        uint64_t z = state += 0x9e3779b97f4a7c15;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        return z ^ z >> 31;
    }
    size_t below(size_t limit) { return next() % limit; }
    size_t from_to(size_t least, size_t most) { return least + below(most - least + 1); }

private:
    uint64_t state;
};

enum class junk { zeros, ones, fives, random };

// An allocator with a state of exactly the size it asked for, so that an overrun is noticed.
class allocator
{
public:
    explicit allocator(size_t units, junk kind = junk::random)
        : size{buddy_state_size(units)}, memory{new (std::align_val_t{16}) unsigned char[size]}
    {
        random_numbers numbers{units};
        for (size_t i = 0; i < size; i++)
            memory.get()[i] = kind == junk::zeros   ? 0
                              : kind == junk::ones  ? 0xff
                              : kind == junk::fives ? 0x55
                                                    : numbers.next();
        buddy_init(&b, units, memory.get());
    }

    void free(size_t start, size_t count) { buddy_free(&b, start, count); }

    run alloc(size_t min, size_t max) // {untouched, 0} if there is none
    {
        run r{untouched, 0};
        r.count = buddy_alloc(&b, min, max, &r.start);
        return r;
    }

    std::vector<unsigned char> bytes() const { return {memory.get(), memory.get() + size}; }

    // Everything that is free, the smallest blocks first. Leaves nothing free.
    std::vector<run> drain()
    {
        std::vector<run> all;
        for (run r = alloc(1, SIZE_MAX); r.count; r = alloc(1, SIZE_MAX))
            all.push_back(r);
        std::sort(all.begin(), all.end(),
                  [](const run &a, const run &b) { return a.start < b.start; });
        return all;
    }

    static constexpr size_t untouched = 987654321;
    buddy b;

private:
    struct deleter {
        void operator()(unsigned char *p) const { operator delete[](p, std::align_val_t{16}); }
    };
    size_t size;
    std::unique_ptr<unsigned char, deleter> memory;
};

const run none{allocator::untouched, 0};

using runs = std::vector<run>;

// An array of bools, and nothing remembered besides.
struct model {
    std::vector<char> free;

    explicit model(size_t units) : free(units) {}

    void set(run r, bool value) { std::fill_n(free.begin() + r.start, r.count, value); }

    bool all(run r, bool value) const
    {
        return std::all_of(free.begin() + r.start, free.begin() + r.start + r.count,
                           [&](char f) { return f == value; });
    }

    // The maximal aligned blocks of free units, in order.
    runs blocks() const
    {
        runs found;
        for (size_t start = 0; start < free.size();) {
            size_t size = 1;
            if (free[start]) {
                while (start % (2 * size) == 0 && start + 2 * size <= free.size() &&
                       all({start + size, size}, true))
                    size *= 2;
                found.push_back({start, size});
            }
            start += size;
        }
        return found;
    }
};

// What a call of alloc may return, by the contract: the count, and the blocks it may come from.
std::pair<size_t, runs> expected_alloc(const model &m, size_t min, size_t max)
{
    runs blocks = m.blocks();
    size_t best = 0, largest = 0;
    for (run r : blocks) {
        largest = std::max(largest, r.count);
        if (r.count >= max && (!best || r.count < best))
            best = r.count;
    }
    if (max == 0 || min > max || !largest)
        return {0, {}};
    size_t from = best ? best : largest;
    if (from < min)
        return {0, {}};
    std::erase_if(blocks, [&](run r) { return r.count != from; });
    return {std::min(from, max), blocks};
}

// Allocates from both, and checks what came out. {untouched, 0} if nothing did.
run checked_alloc(allocator &a, model &m, size_t min, size_t max)
{
    auto [count, from] = expected_alloc(m, min, max);
    run got = a.alloc(min, max);
    EXPECT_EQ(got.count, count) << "alloc " << min << " to " << max;
    if (count)
        EXPECT_TRUE(
            std::any_of(from.begin(), from.end(), [&](run r) { return r.start == got.start; }))
            << "alloc " << min << " to " << max << " took " << got;
    else
        EXPECT_EQ(got.start, allocator::untouched);
    if (!testing::Test::HasFailure())
        m.set({count ? got.start : 0, count}, false);
    return got;
}

template <typename Call>
std::string panic_message(Call call)
{
    try {
        call();
    } catch (const panicked &p) {
        return p.message;
    }
    return "";
}

void expect_panic(allocator &a, size_t start, size_t count)
{
    EXPECT_NE(panic_message([&] { a.free(start, count); }), "") << start << "+" << count;
}

const size_t unit_counts[] = {1,    2,    3,    4,    5,    7,    8,    9,    15,   16,
                              17,   31,   32,   33,   63,   64,   65,   100,  127,  128,
                              129,  255,  256,  257,  511,  512,  513,  1000, 1023, 1024,
                              1025, 2047, 2048, 2049, 3000, 4095, 4096, 4097};
const size_t large_unit_counts[] = {
    32767, 32768, 32769, 65536, 100000, buddy_max_units - 1, buddy_max_units};
} // namespace

// ---- One test a sentence ----

TEST(buddy_state_size, is_at_most_16_bytes_a_unit_and_4096)
{
    for (size_t units = 1; units <= buddy_max_units; units += 1 + units / 50)
        ASSERT_LE(buddy_state_size(units), 16 * units + 4096) << units;
    EXPECT_LE(buddy_state_size(buddy_max_units), 16 * buddy_max_units + 4096);
}

TEST(buddy_init, makes_an_allocator_of_that_many_units)
{
    for (size_t units : unit_counts)
        EXPECT_EQ(allocator{units}.b.units, units);
}

TEST(buddy_init, starts_with_all_units_allocated)
{
    for (size_t units : unit_counts)
        EXPECT_EQ(allocator{units}.alloc(1, 1), none) << units;
}

TEST(buddy_init, accepts_a_state_of_any_content)
{
    for (size_t units : unit_counts)
        for (junk kind : {junk::zeros, junk::ones, junk::fives, junk::random}) {
            allocator a{units, kind};
            EXPECT_EQ(a.alloc(1, units), none);
            a.free(0, units);
            model m{units};
            m.set({0, units}, true);
            EXPECT_EQ(a.drain(), m.blocks()) << units;
        }
}

TEST(buddy_init, can_be_called_again)
{
    allocator a{100};
    a.free(3, 90);
    buddy_init(&a.b, 100, a.b.state);
    EXPECT_EQ(a.alloc(1, 1), none);
    a.free(0, 100);
}

TEST(buddy, never_touches_what_lies_beyond_its_state) // the address sanitizer looks on
{
    for (size_t units : large_unit_counts) {
        allocator a{units};
        a.free(0, units);
        while (a.alloc(1, units / 3 + 1).count)
            ;
    }
}

TEST(buddy, free_blocks_are_the_maximal_ones)
{
    allocator a{32};
    a.free(0, 13);
    EXPECT_EQ(a.drain(), (runs{{0, 8}, {8, 4}, {12, 1}}));
    for (size_t unit : {3, 1, 2, 0, 7, 6, 5, 4, 8})
        a.free(unit, 1);
    EXPECT_EQ(a.drain(), (runs{{0, 8}, {8, 1}}));
}

TEST(buddy, joins_buddies_only)
{
    allocator a{8};
    a.free(1, 2); // neighbours, but no buddies
    EXPECT_EQ(a.drain(), (runs{{1, 1}, {2, 1}}));
    a.free(2, 4);
    EXPECT_EQ(a.drain(), (runs{{2, 2}, {4, 2}}));
}

TEST(buddy, coalesces_through_all_orders)
{
    allocator a{buddy_max_units};
    a.free(0, buddy_max_units - 1);
    EXPECT_EQ(a.drain().size(), 20u);
    a.free(0, buddy_max_units - 1);
    a.free(buddy_max_units - 1, 1);
    EXPECT_EQ(a.drain(), (runs{{0, buddy_max_units}}));
}

TEST(buddy_alloc, takes_the_smallest_block_that_has_max_units)
{
    allocator a{64};
    a.free(0, 16);
    a.free(20, 4);
    a.free(32, 8);
    EXPECT_EQ(a.alloc(1, 4), (run{20, 4}));
    EXPECT_EQ(a.alloc(1, 3), (run{32, 3}));
    EXPECT_EQ(a.alloc(5, 5), (run{0, 5}));
}

TEST(buddy_alloc, keeps_the_first_max_units_and_frees_the_rest)
{
    for (size_t max = 1; max <= 64; max++) {
        allocator a{128};
        a.free(64, 64);
        EXPECT_EQ(a.alloc(max, max), (run{64, max}));
        model m{128};
        m.set({64 + max, 64 - max}, true);
        EXPECT_EQ(a.drain(), m.blocks()) << max;
    }
}

TEST(buddy_alloc, takes_the_whole_largest_block_if_none_has_max_units)
{
    allocator a{64};
    a.free(0, 4);
    a.free(8, 8);
    a.free(32, 2);
    EXPECT_EQ(a.alloc(1, 9), (run{8, 8}));
    EXPECT_EQ(a.alloc(4, 9), (run{0, 4}));
    EXPECT_EQ(a.alloc(2, SIZE_MAX), (run{32, 2}));
}

TEST(buddy_alloc, returns_0_if_the_largest_block_has_less_than_min)
{
    allocator a{64};
    a.free(8, 8);
    a.free(32, 2);
    EXPECT_EQ(a.alloc(9, 9), none);
    EXPECT_EQ(a.alloc(9, 64), none);
    EXPECT_EQ(a.alloc(9, SIZE_MAX), none);
    EXPECT_EQ(a.alloc(SIZE_MAX, SIZE_MAX), none);
}

TEST(buddy_alloc, changes_nothing_when_it_returns_0)
{
    allocator a{64};
    a.free(8, 8);
    auto before = a.bytes();
    EXPECT_EQ(a.alloc(9, 20), none);
    EXPECT_EQ(a.alloc(0, 0), none);
    EXPECT_EQ(a.alloc(3, 2), none);
    EXPECT_EQ(a.bytes(), before);
    EXPECT_EQ(a.drain(), (runs{{8, 8}}));
}

TEST(buddy_alloc, counts_a_min_of_0_as_1)
{
    allocator a{8};
    EXPECT_EQ(a.alloc(0, 4), none);
    a.free(5, 1);
    EXPECT_EQ(a.alloc(0, 4), (run{5, 1}));
    EXPECT_EQ(a.alloc(0, 1), none);
}

TEST(buddy_alloc, returns_0_if_max_is_0)
{
    allocator a{8};
    a.free(0, 8);
    EXPECT_EQ(a.alloc(0, 0), none);
    EXPECT_EQ(a.alloc(1, 0), none);
    EXPECT_EQ(a.drain(), (runs{{0, 8}}));
}

TEST(buddy_alloc, returns_0_if_min_is_greater_than_max)
{
    allocator a{8};
    a.free(0, 8);
    EXPECT_EQ(a.alloc(2, 1), none);
    EXPECT_EQ(a.alloc(SIZE_MAX, 8), none);
    EXPECT_EQ(a.alloc(SIZE_MAX, SIZE_MAX - 1), none);
    EXPECT_EQ(a.drain(), (runs{{0, 8}}));
}

TEST(buddy_alloc, accepts_a_max_beyond_the_number_of_units)
{
    for (size_t max : {size_t{9}, size_t{16}, size_t{17}, buddy_max_units, 2 * buddy_max_units,
                       size_t{1} << 31, (size_t{1} << 31) + 1, size_t{0xffffffff}, SIZE_MAX / 2,
                       SIZE_MAX / 2 + 2, SIZE_MAX - 1, SIZE_MAX}) {
        allocator a{8};
        a.free(0, 8);
        EXPECT_EQ(a.alloc(9, max), none);
        EXPECT_EQ(a.alloc(8, max), (run{0, 8})) << max;
    }
}

TEST(buddy_free, frees_part_of_a_run)
{
    allocator a{64};
    a.free(0, 64);
    EXPECT_EQ(a.alloc(64, 64), (run{0, 64}));
    a.free(5, 6);
    EXPECT_EQ(a.drain(), (runs{{5, 1}, {6, 2}, {8, 2}, {10, 1}}));
}

TEST(buddy_free, frees_several_runs_together)
{
    allocator a{64};
    a.free(0, 64);
    for (int i = 0; i < 8; i++)
        a.alloc(8, 8);
    a.free(3, 50);
    model m{64};
    m.set({3, 50}, true);
    EXPECT_EQ(a.drain(), m.blocks());
}

TEST(buddy_free, frees_units_never_handed_out)
{
    allocator a{64};
    a.free(63, 1);
    EXPECT_EQ(a.alloc(1, 1), (run{63, 1}));
}

TEST(buddy_free, frees_any_range)
{
    for (size_t units : {1, 2, 3, 13, 33, 40})
        for (size_t start = 0; start < units; start++)
            for (size_t count = 1; count <= units - start; count++) {
                allocator a{units};
                model m{units};
                a.free(start, count);
                m.set({start, count}, true);
                ASSERT_EQ(a.drain(), m.blocks()) << start << "+" << count << " of " << units;
                a.free(start, count);
            }
}

TEST(buddy_free, frees_large_ranges)
{
    for (size_t units : large_unit_counts) {
        allocator a{units};
        model m{units};
        run r{units / 7, units - units / 5};
        a.free(r.start, r.count);
        m.set(r, true);
        ASSERT_EQ(a.drain(), m.blocks()) << units;
        a.free(r.start + 1, r.count - 2);
        m.set({r.start, 1}, false);
        m.set({r.start + r.count - 1, 1}, false);
        ASSERT_EQ(a.drain(), m.blocks()) << units;
    }
}

TEST(buddy_free, frees_single_units_of_large_blocks)
{
    allocator a{1 << 16};
    model m{1 << 16};
    a.free(0, 1 << 16);
    EXPECT_EQ(a.alloc(1 << 16, 1 << 16), (run{0, 1 << 16}));
    for (size_t unit = 0; unit < 1 << 16; unit += 777) {
        a.free(unit, 1);
        m.set({unit, 1}, true);
        expect_panic(a, unit, 1);
    }
    EXPECT_EQ(a.drain(), m.blocks());
}

TEST(buddy_free, does_nothing_if_count_is_0)
{
    allocator a{8};
    a.free(2, 2);
    for (size_t start : {size_t{0}, size_t{2}, size_t{8}, size_t{9}, SIZE_MAX})
        a.free(start, 0);
    EXPECT_EQ(a.drain(), (runs{{2, 2}}));
}

TEST(buddy_free, panics_if_any_unit_is_free_already_and_changes_nothing)
{
    for (size_t units : {13, 64, 5000}) {
        for (size_t unit : {size_t{0}, units / 2, units - 1})
            for (size_t start = 0; start <= unit; start += 1 + units / 70)
                for (size_t end = unit + 1; end <= units; end += 1 + units / 50) {
                    allocator a{units};
                    a.free(unit, 1);
                    expect_panic(a, start, end - start);
                    ASSERT_EQ(a.drain(), (runs{{unit, 1}}));
                    a.free(0, units);
                }
    }
}

TEST(buddy_free, panics_if_the_units_lie_inside_a_free_block)
{
    for (size_t units : {size_t{64}, size_t{4096}, buddy_max_units}) {
        allocator a{units};
        a.free(0, units);
        for (size_t unit = 0; unit < units; unit += 1 + units / 60) {
            expect_panic(a, unit, 1);
            expect_panic(a, unit, units - unit);
            expect_panic(a, unit & ~size_t{3}, 4);
        }
        EXPECT_EQ(a.drain(), (runs{{0, units}}));
    }
}

TEST(buddy_free, panics_if_a_unit_does_not_exist_and_changes_nothing)
{
    for (size_t units : unit_counts) {
        allocator a{units};
        auto before = a.bytes();
        expect_panic(a, units, 1);
        expect_panic(a, units - 1, 2);
        expect_panic(a, 0, units + 1);
        expect_panic(a, units + 1, 1);
        expect_panic(a, 2 * buddy_max_units, 1);
        EXPECT_EQ(a.bytes(), before);
        EXPECT_EQ(a.alloc(1, 1), none);
        a.free(0, units);
    }
}

TEST(buddy_free, panics_if_start_plus_count_overflows)
{
    allocator a{64};
    expect_panic(a, 1, SIZE_MAX);
    expect_panic(a, 2, SIZE_MAX - 1);
    expect_panic(a, SIZE_MAX, 1);
    expect_panic(a, SIZE_MAX, 2);
    expect_panic(a, SIZE_MAX - 3, 8);
    expect_panic(a, 32, SIZE_MAX - 31);
    expect_panic(a, 32, SIZE_MAX - 15);
    EXPECT_EQ(a.alloc(1, 1), none);
}

TEST(buddy_free, says_in_its_panic_what_was_freed)
{
    allocator a{64};
    EXPECT_NE(panic_message([&] { a.free(57, 23); }).find("57"), std::string::npos);
    a.free(41, 1);
    EXPECT_NE(panic_message([&] { a.free(41, 1); }).find("41"), std::string::npos);
}

// ---- Random operations, compared with the model ----

namespace
{
struct plan {
    size_t units;
    int operations;
    uint64_t seed;
    junk kind;
};

// Sizes around powers of two are the interesting ones.
size_t random_size(random_numbers &numbers, size_t units)
{
    size_t size = size_t{1} << numbers.below(std::bit_width(units) + 1);
    if (numbers.below(3) == 0)
        size += numbers.below(size + 1);
    if (numbers.below(8) == 0)
        size -= 1;
    return size;
}

void free_something(random_numbers &numbers, allocator &a, model &m, std::vector<run> &live)
{
    size_t chosen = numbers.below(live.size());
    run r = live[chosen];
    live[chosen] = live.back();
    live.pop_back();
    if (r.count > 1 && numbers.below(4) == 0) { // only a part of it
        size_t first = numbers.from_to(1, r.count - 1);
        live.push_back({r.start, first});
        r = {r.start + first, r.count - first};
    }
    a.free(r.start, r.count);
    m.set(r, true);
}

void free_wrongly(random_numbers &numbers, allocator &a, model &m)
{
    size_t start = numbers.below(m.free.size());
    size_t count = std::min(random_size(numbers, m.free.size()), m.free.size() - start);
    if (count && !m.all({start, count}, false))
        expect_panic(a, start, count);
}

void compare_with_model(const plan &p)
{
    random_numbers numbers{p.seed};
    allocator a{p.units, p.kind};
    model m{p.units};
    std::vector<run> live{{0, p.units}};
    for (int i = 0; i < p.operations && !testing::Test::HasFailure(); i++) {
        bool mostly_freeing = i / 64 % 2 == 0;
        size_t dice = numbers.below(20);
        if (dice < 2) {
            free_wrongly(numbers, a, m);
        } else if (!live.empty() && (dice < 14) == mostly_freeing) {
            free_something(numbers, a, m, live);
        } else {
            size_t max = random_size(numbers, p.units);
            size_t min = numbers.below(3) ? max : numbers.below(max + 2);
            run got = checked_alloc(a, m, min, max);
            if (got.count)
                live.push_back(got);
        }
    }
    if (testing::Test::HasFailure())
        return;
    runs left = m.blocks();
    ASSERT_EQ(a.drain(), left);
    for (run r : left) // now all units are allocated
        live.push_back(r);
    while (!live.empty())
        free_something(numbers, a, m, live);
    model whole{p.units};
    whole.set({0, p.units}, true);
    ASSERT_EQ(a.drain(), whole.blocks());
}

class random_operations : public testing::TestWithParam<size_t>
{
};

class random_operations_at_large : public testing::TestWithParam<size_t>
{
};
} // namespace

TEST_P(random_operations, agree_with_the_model)
{
    const size_t units = GetParam();
    const junk kinds[] = {junk::zeros, junk::ones, junk::fives, junk::random};
    for (uint64_t seed = 0; seed < 4 && !HasFailure(); seed++)
        compare_with_model({units, units < 600 ? 15'000 : 4'000, units * 1000 + seed, kinds[seed]});
}

TEST_P(random_operations_at_large, agree_with_the_model)
{
    const size_t units = GetParam();
    compare_with_model({units, units > 100'000 ? 100 : 800, units, junk::random});
}

INSTANTIATE_TEST_SUITE_P(units, random_operations, testing::ValuesIn(unit_counts),
                         testing::PrintToStringParamName{});
INSTANTIATE_TEST_SUITE_P(units, random_operations_at_large, testing::ValuesIn(large_unit_counts),
                         testing::PrintToStringParamName{});
