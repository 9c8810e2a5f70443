#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <random>
#include <sys/mman.h>
#include <vector>

#include "mm/kvmalloc.h"
#include "pages.h"

// The pages lie below 4 GiB, as a kernel's do, so that an allocator may look addresses up in tables
// of 32-bit size on a 64-bit host as well.
namespace
{

constexpr size_t arena_pages = 1 << 16; // 256 MiB of addresses
constexpr uintptr_t arena_start = 0x50000000;

struct State {
    pages::Placement placement;
    std::mt19937_64 random;
    std::map<size_t, size_t> runs; // first page -> pages, as handed out
    std::vector<bool> used;
    size_t taken, most_taken, calls;
    size_t fail_from, fail_to, limit;
} state;

char *arena()
{
    static char *start = [] {
        void *wanted = reinterpret_cast<void *>(arena_start);
        void *got = mmap(wanted, arena_pages * pages::page_size, PROT_NONE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
        if (got != wanted) {
            perror("mmap");
            exit(2);
        }
        return static_cast<char *>(got);
    }();
    return start;
}

bool fits(size_t first, size_t n_pages)
{
    for (size_t i = 0; i < n_pages; i++)
        if (state.used[first + i])
            return false;
    return true;
}

// The first page of a free run; arena_pages if there is none.
size_t find(size_t n_pages)
{
    if (n_pages > arena_pages)
        return arena_pages;
    size_t places = arena_pages - n_pages + 1;
    size_t start = state.placement == pages::Placement::scattered ? state.random() % places : 0;
    for (size_t i = 0; i < places; i++) {
        size_t first = (start + i) % places;
        if (fits(first, n_pages))
            return first;
    }
    return arena_pages;
}

[[noreturn]] void misuse(const char *what, const void *address, size_t n_pages)
{
    fprintf(stderr, "%s: kvfree(%p, %zu)\n", what, address, n_pages);
    abort();
}

} // namespace

void *kvmalloc(size_t n_pages)
{
    state.calls++;
    if (state.calls >= state.fail_from && state.calls < state.fail_to)
        return nullptr;
    if (n_pages == 0 || n_pages > state.limit || state.taken + n_pages > state.limit)
        return nullptr;
    size_t first = find(n_pages);
    if (first == arena_pages)
        return nullptr;
    char *address = arena() + first * pages::page_size;
    mprotect(address, n_pages * pages::page_size, PROT_READ | PROT_WRITE);
    memset(address, 0xa0 | (state.random() & 15), n_pages * pages::page_size);
    for (size_t i = 0; i < n_pages; i++)
        state.used[first + i] = true;
    state.runs[first] = n_pages;
    state.taken += n_pages;
    state.most_taken = std::max(state.most_taken, state.taken);
    return address;
}

void kvfree(void *address, size_t n_pages)
{
    if (!address)
        return;
    size_t offset = static_cast<char *>(address) - arena();
    auto run = state.runs.find(offset / pages::page_size);
    if (offset % pages::page_size || run == state.runs.end())
        misuse("not what kvmalloc returned", address, n_pages);
    if (run->second != n_pages)
        misuse("not as many pages as kvmalloc was asked for", address, n_pages);
    mprotect(address, n_pages * pages::page_size, PROT_NONE);
    for (size_t i = 0; i < n_pages; i++)
        state.used[run->first + i] = false;
    state.runs.erase(run);
    state.taken -= n_pages;
}

namespace pages
{

// What the allocator under test still holds stays its own: tests share one heap, as a kernel does.
void reset(Placement placement, uint64_t seed)
{
    state.placement = placement;
    state.random.seed(seed);
    state.used.resize(arena_pages);
    state.most_taken = state.taken;
    state.calls = 0;
    state.fail_from = state.fail_to = 0;
    state.limit = arena_pages;
}

size_t taken()
{
    return state.taken;
}

size_t most_taken()
{
    return state.most_taken;
}

size_t calls()
{
    return state.calls;
}

void forget_most_taken()
{
    state.most_taken = state.taken;
}

void fail(size_t nth, size_t how_many)
{
    state.fail_from = state.calls + nth;
    state.fail_to = how_many > SIZE_MAX - state.fail_from ? SIZE_MAX : state.fail_from + how_many;
}

void limit(size_t n_pages)
{
    state.limit = n_pages;
}

bool all_taken(const void *address, size_t size)
{
    size_t offset = static_cast<const char *>(address) - arena();
    if (offset >= arena_pages * page_size)
        return false;
    size_t first = offset / page_size, last = (offset + (size ? size - 1 : 0)) / page_size;
    if (last >= arena_pages)
        return false;
    for (size_t page = first; page <= last; page++)
        if (!state.used[page])
            return false;
    return true;
}

} // namespace pages
