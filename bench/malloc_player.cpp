#include "mm/malloc.h"

#include "arch/clock.h"
#include "arch/multiboot.h"
#include "arch/physical.h"
#include "lib/string.h"
#include "player/lab.h"
#include "player/memory.h"

#include "bench_memory.h"
#include "malloc_workload.h"

#include <algorithm>

// malloc's workloads as a lab's operations, for an image that `make bench` plays
// (grader/bench/malloc.py): the second Multiboot module has one. `boot`, `load`, then `play`, whose
// cost is what is measured, less that of kvmalloc and kvfree.

namespace
{

struct kernel_heap {
    static void *allocate(size_t size) { return malloc(size); }
    static void *resize(void *block, size_t size) { return realloc(block, size); }
    static void release(void *block) { free(block); }
};

// Does nothing, which the compiler is not to know: the share of perform() in the figures.
struct no_heap {
    static inline char block[16];
    [[gnu::noipa]] static void *allocate(size_t) { return block; }
    [[gnu::noipa]] static void *resize(void *, size_t) { return block; }
    [[gnu::noipa]] static void release(void *) {}
};

std::span<request> before, counted;
std::span<void *> blocks;

// What the measured malloc has of kvmalloc.
struct {
    size_t taken;
    size_t most_taken;
    uint64_t ticks; // of the time stamp counter, inside kvmalloc and kvfree
} pages;

void load(call &c)
{
    const boot_information &boot = multiboot_information();
    if (!memory_is_up(c))
        return;
    if (boot.n_modules < 2 || !blocks.empty())
        return c.refuse("expected: one workload, as the second Multiboot module");
    workload_header header;
    uintptr_t module = boot.modules[1].start;
    copy_physical(&header, module, sizeof header);
    auto requests = bench_memory<request>(header.n_before + header.n_counted);
    copy_physical(requests.data(), module + sizeof header, requests.size_bytes());
    before = requests.first(header.n_before);
    counted = requests.last(header.n_counted);
    blocks = bench_memory<void *>(header.n_blocks);
    std::fill(blocks.begin(), blocks.end(), nullptr);
    bool done = false;
    c.run([&] { done = perform<kernel_heap>(before, blocks.data()); });
    c.result("done", done);
}

template <typename Heap>
void play(call &c)
{
    if (blocks.empty())
        return c.refuse("nothing is loaded yet");
    pages.ticks = 0;
    bool done = false;
    c.run([&] { done = perform<Heap>(counted, blocks.data()); });
    c.result("done", done);
    c.result("pages", pages.most_taken);
    c.address("inside_kvmalloc", instructions_in(pages.ticks));
}

constexpr operation operations[] = {
    {"load", "reads the workload, and plays what comes before that which is counted", load},
    {"play", "plays the rest of it", play<kernel_heap>},
    {"nothing", "the same to an allocator that does nothing", play<no_heap>},
};

constexpr lab bench_lab{"bench_malloc", "bench: malloc", operations, memory_operations};
REGISTER_LAB(bench_lab);

} // namespace

// What kvmalloc and kvfree are called in the malloc that is measured (grader/bench/malloc.py).
void *counted_kvmalloc(size_t n_pages)
{
    uint64_t begun = read_tsc();
    void *address = kvmalloc(n_pages);
    if (address)
        pages.taken += n_pages;
    pages.most_taken = std::max(pages.most_taken, pages.taken);
    pages.ticks += read_tsc() - begun;
    return address;
}

void counted_kvfree(void *address, size_t n_pages)
{
    uint64_t begun = read_tsc();
    kvfree(address, n_pages);
    if (address)
        pages.taken -= n_pages;
    pages.ticks += read_tsc() - begun;
}
