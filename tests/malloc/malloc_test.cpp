// The contract of mm/malloc.h, a test for each sentence, and long random runs against a model.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <random>
#include <vector>

#include "heap.h"
#include "pages.h"
#include "panic.h"

namespace
{

constexpr size_t kept_at_most = 16; // pages, once everything has been freed

// Live blocks with what they must contain; every call of the allocator under test goes through it.
class Model
{
public:
    ~Model() { free_all(); }

    // The block's number, or -1 when malloc returned null.
    int malloc(size_t size)
    {
        auto block = static_cast<uint8_t *>(heap::malloc(size));
        return block ? add(block, size) : -1;
    }

    bool realloc(int id, size_t size)
    {
        auto [old_block, old_size, old_seed] = blocks.at(id);
        auto block = static_cast<uint8_t *>(heap::realloc(old_block, size));
        if (!block) {
            check(id); // still there, and untouched
            return false;
        }
        addresses.erase(old_block);
        blocks.erase(id);
        check_place(block, size);
        expect_content(block, std::min(old_size, size), old_seed);
        add_checked(id, block, size);
        return true;
    }

    void free(int id)
    {
        check(id);
        uint8_t *block = blocks.at(id).start;
        addresses.erase(block);
        blocks.erase(id);
        heap::free(block);
    }

    void free_all()
    {
        while (!blocks.empty())
            free(blocks.begin()->first);
    }

    void check_all() const
    {
        for (auto &[id, block] : blocks)
            check(id);
    }

    size_t n_live() const { return blocks.size(); }
    uint8_t *start(int id) const { return blocks.at(id).start; }
    int any(uint64_t random) const { return std::next(blocks.begin(), random % n_live())->first; }

private:
    struct Live {
        uint8_t *start;
        size_t size;
        uint32_t seed;
    };

    static uint8_t pattern(uint32_t seed, size_t i) { return (seed + i) * 2654435761u >> 24; }

    static void expect_content(const uint8_t *block, size_t size, uint32_t seed)
    {
        for (size_t i = 0; i < size; i++)
            if (block[i] != pattern(seed, i))
                FAIL() << "byte " << i << " of the block at " << (void *)block << " has changed";
    }

    void check(int id) const
    {
        auto &[start, size, seed] = blocks.at(id);
        expect_content(start, size, seed);
    }

    void check_place(const uint8_t *block, size_t size) const
    {
        ASSERT_EQ(reinterpret_cast<uintptr_t>(block) % 16, 0u);
        ASSERT_TRUE(pages::all_taken(block, size)) << "outside the pages of kvmalloc";
        auto above = addresses.lower_bound(block);
        if (above != addresses.end()) {
            ASSERT_TRUE(block + std::max<size_t>(size, 1) <= above->first)
                << "overlaps another block";
        }
        if (above != addresses.begin()) {
            auto below = std::prev(above);
            ASSERT_TRUE(below->first + below->second <= block) << "overlaps another block";
        }
    }

    int add(uint8_t *block, size_t size)
    {
        check_place(block, size);
        add_checked(next_id, block, size);
        return next_id++;
    }

    void add_checked(int id, uint8_t *block, size_t size)
    {
        uint32_t seed = next_seed += 7919;
        for (size_t i = 0; i < size; i++)
            block[i] = pattern(seed, i);
        blocks[id] = {block, size, seed};
        addresses[block] = std::max<size_t>(size, 1);
    }

    std::map<int, Live> blocks;
    std::map<const uint8_t *, size_t> addresses;
    int next_id = 0;
    uint32_t next_seed = 0;
};

size_t kernel_size(std::mt19937 &random)
{
    auto between = [&](size_t low, size_t high) { return low + random() % (high - low + 1); };
    size_t percent = random() % 100;
    return percent < 70   ? between(0, 128)
           : percent < 90 ? between(129, 512)
           : percent < 97 ? between(513, 2048)
                          : between(2049, 40000);
}

// Random operations around `n_live` blocks. Null is an answer when kvmalloc may fail.
void run(Model &model, uint32_t seed, size_t n_operations, size_t n_live, bool may_fail = false)
{
    std::mt19937 random(seed);
    for (size_t i = 0; i < n_operations && !testing::Test::HasFatalFailure(); i++) {
        unsigned choice = random() % 100;
        if (model.n_live() == 0 || choice < (model.n_live() < n_live ? 60 : 35)) {
            size_t size = kernel_size(random);
            ASSERT_TRUE(model.malloc(size) >= 0 || may_fail || size == 0);
        } else if (choice < 80) {
            model.free(model.any(random()));
        } else {
            ASSERT_TRUE(model.realloc(model.any(random()), 1 + kernel_size(random)) || may_fail);
        }
    }
    model.check_all();
}

class Malloc : public testing::TestWithParam<pages::Placement>
{
protected:
    Malloc() { pages::reset(GetParam()); }
    ~Malloc()
    {
        pages::reset(GetParam());
        EXPECT_LE(pages::taken(), kept_at_most);
    }
};

INSTANTIATE_TEST_SUITE_P(Pages, Malloc,
                         testing::Values(pages::Placement::packed, pages::Placement::scattered),
                         [](auto &info) {
                             return info.param == pages::Placement::packed ? "packed" : "scattered";
                         });

// "Every pointer returned is a multiple of 16." "No two live blocks overlap." (The model looks.)
TEST_P(Malloc, EverySize)
{
    Model model;
    for (size_t size = 0; size <= 9000; size += size < 1100 ? 1 : 61)
        ASSERT_TRUE(model.malloc(size) >= 0 || size == 0) << size;
    model.check_all();
}

// "The pages come from kvmalloc."
TEST_P(Malloc, MemoryComesFromKvmalloc)
{
    Model model;
    size_t before = pages::taken();
    for (int i = 0; i < 100; i++)
        ASSERT_GE(model.malloc(4000), 0);
    EXPECT_GE(pages::taken() + kept_at_most, before + 100);
}

// "Once every block has been freed, at most 16 of kvmalloc's pages stay taken."
TEST_P(Malloc, PagesGoBackInAnyOrder)
{
    for (int order = 0; order < 3; order++) {
        std::vector<void *> blocks;
        std::mt19937 random(order);
        for (int i = 0; i < 3000; i++)
            blocks.push_back(heap::malloc(1 + random() % (i % 10 ? 600 : 20000)));
        if (order == 1)
            std::reverse(blocks.begin(), blocks.end());
        if (order == 2)
            std::shuffle(blocks.begin(), blocks.end(), random);
        for (void *block : blocks)
            heap::free(block);
        EXPECT_LE(pages::taken(), kept_at_most) << order;
    }
}

TEST_P(Malloc, PagesGoBackForEachSize)
{
    std::vector<void *> blocks;
    for (size_t size = 16; size <= 8192; size += 16) {
        for (int i = 0; i < 20; i++)
            blocks.push_back(heap::malloc(size));
        for (int i = 0; i < 19; i++, blocks.pop_back())
            heap::free(blocks.back());
    }
    for (void *block : blocks)
        heap::free(block);
    EXPECT_LE(pages::taken(), kept_at_most);
}

// What is freed serves again: the heap doesn't grow for ever.
TEST_P(Malloc, FreedMemoryServesAgain)
{
    Model model;
    run(model, 1, 20000, 300);
    size_t early = pages::most_taken();
    run(model, 2, 20000, 300);
    EXPECT_LE(pages::most_taken(), early * 2);
}

// "Null when there is no memory for it, as for any size near SIZE_MAX; then nothing has changed."
TEST_P(Malloc, HugeSizesGiveNull)
{
    Model model;
    int id = model.malloc(10000);
    size_t before = pages::taken();
    for (size_t below = 0; below < 3 * pages::page_size; below += below < 100 ? 1 : 97) {
        ASSERT_EQ(heap::malloc(SIZE_MAX - below), nullptr) << below;
        ASSERT_EQ(heap::realloc(model.start(id), SIZE_MAX - below), nullptr) << below;
    }
    for (size_t size = SIZE_MAX / 2 - 40; size < SIZE_MAX / 2 + 40; size++)
        ASSERT_EQ(heap::malloc(size), nullptr) << size;
    EXPECT_LE(pages::taken(), before);
    model.check_all();
}

TEST_P(Malloc, NullWhenKvmallocHasNothingAndOnlyThen)
{
    Model model;
    pages::limit(pages::taken() + 50);
    std::vector<int> ids;
    for (int id; (id = model.malloc(200)) >= 0;)
        ids.push_back(id);
    EXPECT_GT(ids.size(), 30u * 4096 / 256);
    size_t full = pages::taken();
    for (int i = 0; i < 1000; i++)
        EXPECT_EQ(heap::malloc(100000), nullptr);
    EXPECT_LE(pages::taken(), full);
    // Whether the last page is of use may depend on where it lies.
    for (int id; (id = model.malloc(200)) >= 0 && ids.size() < 10000;)
        ids.push_back(id);
    for (size_t i = 0; i < ids.size(); i += 7) { // a hole is found again, wherever it is
        model.free(ids[i]);
        ASSERT_GE(model.malloc(200), 0) << i;
    }
    model.check_all();
}

// "A size of 0 gives null, or a pointer of its own that can be passed to free."
TEST_P(Malloc, SizeZero)
{
    Model model;
    for (int i = 0; i < 1000; i++)
        model.malloc(0);
    model.check_all();
}

// "The first bytes, as many as both the old and the new block have, keep their values."
TEST_P(Malloc, ReallocKeepsContents)
{
    const size_t sizes[] = {1, 16, 17, 100, 1000, 2048, 2049, 4096, 4097, 9000, 40000, 300000};
    for (size_t from : sizes) {
        for (size_t to : sizes) {
            Model model;
            int id = model.malloc(from);
            ASSERT_TRUE(model.realloc(id, to)) << from << " to " << to;
            model.check_all();
        }
    }
}

TEST_P(Malloc, ReallocGrowsAndShrinksStepByStep)
{
    Model model;
    int first = model.malloc(1), second = model.malloc(1);
    for (size_t size = 2; size < 60000; size += 1 + size / 50) {
        ASSERT_TRUE(model.realloc(first, size));
        ASSERT_TRUE(model.realloc(second, 60001 - size));
    }
    for (size_t size = 60000; size > 0; size -= 1 + size / 50)
        ASSERT_TRUE(model.realloc(first, size));
}

// "A null block: as malloc(size)."
TEST_P(Malloc, ReallocOfNull)
{
    void *block = heap::realloc(nullptr, 100);
    ASSERT_NE(block, nullptr);
    memset(block, 1, 100);
    heap::free(block);
}

// "A size of 0 (block not null): frees the block and returns null."
TEST_P(Malloc, ReallocToZeroFrees)
{
    for (int i = 0; i < 1000; i++)
        ASSERT_EQ(heap::realloc(heap::malloc(5000), 0), nullptr);
    EXPECT_LE(pages::taken(), kept_at_most);
}

// "Null when there is no memory for it; then the old block is as it was, and still allocated."
TEST_P(Malloc, FailedReallocLeavesTheBlock)
{
    Model model;
    for (size_t size : {20, 2000, 4000, 50000}) {
        int id = model.malloc(size);
        size_t before = pages::taken();
        pages::limit(before);
        ASSERT_FALSE(model.realloc(id, 200000));
        EXPECT_LE(pages::taken(), before);
        pages::limit(SIZE_MAX);
        ASSERT_TRUE(model.realloc(id, 200000)); // later calls work
    }
}

// "Null does nothing."
TEST_P(Malloc, FreeOfNull)
{
    size_t before = pages::taken();
    heap::free(nullptr);
    EXPECT_EQ(pages::taken(), before);
}

// "Freeing a block that is free already, with no call in between, panics." And then goes on.
TEST_P(Malloc, DoubleFreePanics)
{
    for (size_t size : {1, 16, 100, 512, 1024, 2048, 2049, 4096, 5000, 100000}) {
        for (bool alone : {false, true}) {
            Model model;
            for (int i = 0; i < (alone ? 0 : 5); i++)
                model.malloc(size);
            for (int i = 0; i < 300; i++) {
                void *block = heap::malloc(size);
                heap::free(block);
                ASSERT_THROW(heap::free(block), Panic) << size;
                ASSERT_THROW(heap::free(block), Panic) << size;
                model.malloc(size);
            }
            model.check_all();
        }
    }
}

TEST_P(Malloc, DoubleFreePanicsWhateverTheFillOfThePage)
{
    for (size_t size : {16, 240, 1360, 2048}) {
        std::vector<void *> blocks;
        for (int i = 0; i < 700; i++)
            blocks.push_back(heap::malloc(size));
        std::shuffle(blocks.begin(), blocks.end(), std::mt19937(size));
        for (void *block : blocks) {
            heap::free(block);
            ASSERT_THROW(heap::free(block), Panic) << size;
        }
    }
}

TEST_P(Malloc, RandomOperations)
{
    for (uint32_t seed = 1; seed <= 20 && !HasFatalFailure(); seed++) {
        Model model;
        run(model, seed, 5000, seed * seed * 3);
    }
}

// Every call of kvmalloc in a run fails once, alone or with all those after it.
TEST_P(Malloc, EveryFailureOfKvmalloc)
{
    size_t reached = 0;
    for (size_t nth = 1; nth <= reached + 1 && !HasFatalFailure(); nth++) {
        for (size_t how_many : {size_t{1}, size_t{3}, SIZE_MAX / 2}) {
            Model model;
            size_t before = pages::calls();
            pages::fail(nth, how_many);
            run(model, 5, 400, 60, true);
            reached = std::max(reached, std::min<size_t>(pages::calls() - before, 400));
            pages::reset(GetParam(), nth);
            run(model, 6, 100, 60); // later calls work
            model.free_all();
            ASSERT_LE(pages::taken(), kept_at_most) << "leaked when call " << nth << " failed";
        }
    }
    EXPECT_GT(reached, 20u);
}

// A failed call leaves kvmalloc's pages as they were: one call on a fresh heap, each failure of it.
TEST_P(Malloc, FailedCallsTakeNothing)
{
    for (size_t size : {1, 100, 2048, 4096, 100000}) {
        for (size_t nth = 1; nth <= 3; nth++) {
            size_t before = pages::taken();
            pages::fail(nth, SIZE_MAX / 2);
            void *block = heap::malloc(size);
            if (block == nullptr) {
                EXPECT_LE(pages::taken(), before) << size << ", call " << nth;
            }
            heap::free(block);
            pages::reset(GetParam());
        }
    }
}

} // namespace
