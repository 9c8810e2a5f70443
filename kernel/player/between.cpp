#include "mm/kvmalloc.h"
#include "mm/paging.h"
#include "player/memory.h"

#include <algorithm>
#include <iterator>
#include <limits.h>
#include <utility>

// Between one lab and another: the linker sends every call of kvmalloc, kvfree and map_mem here (--wrap,
// kernel.mk), and `__real_…` to the functions themselves. So it is seen whether a caller keeps to what it
// promised, and none comes to rely on what its neighbour happens to do and the contract leaves open.

namespace
{

kvmalloc_count counted;

// The blocks that kvmalloc has handed out, by the page that each begins at. Where two would have the same
// place only the older one is known.
class known_blocks
{
public:
    void add(uintptr_t address, size_t n_pages)
    {
        entry &e = place(address);
        if (e.n_pages == 0)
            e = made(address, n_pages);
        else
            n_unknown_++;
    }

    // Takes a block out. False if it is none, which is certain only if all are known.
    bool remove(uintptr_t address, size_t n_pages)
    {
        entry &e = place(address);
        entry given = made(address, n_pages);
        if (e.n_pages != 0 && e.page == given.page)
            return std::exchange(e, {}).n_pages == given.n_pages;
        return n_unknown_ > 0 && n_unknown_--;
    }

private:
    struct entry {
        uint32_t page : 20 = 0;
        uint32_t n_pages : 12 = 0; // 4095 stands for more, too; 0: there is no block
    };

    static entry made(uintptr_t address, size_t n_pages)
    {
        return {address / page_size, std::min<size_t>(n_pages, 4095)};
    }

    entry &place(uintptr_t address) { return entries_[address / page_size % std::size(entries_)]; }

    entry entries_[512] = {};
    size_t n_unknown_ = 0;
};

constinit known_blocks blocks;
uintptr_t last_misfreed;

// What map_mem may answer if it can't be done: whatever is not 0. One after the other, from the one on that a scenario
// chose. Those below 0 follow each other, as do those of which the lowest bits are 0: who takes one of them for success
// is not put right by the next.
constexpr int errors[] = {1, INT_MIN, -1, -2, 2, 0x100, 0x10000};
size_t next_error;

} // namespace

const kvmalloc_count &kvmalloc_pages()
{
    return counted;
}

void choose_error(size_t first)
{
    next_error = first % std::size(errors);
}

void note_misfreed(call &c)
{
    if (uintptr_t address = std::exchange(last_misfreed, 0))
        c.address("misfreed", address);
}

extern "C" {
void *__real__Z8kvmallocj(size_t n_pages);
void __real__Z6kvfreePvj(void *address, size_t n_pages);
int __real__Z7map_memP7pagedirjjji(pagedir *pd, uintptr_t physical, uintptr_t virtual_address,
                                   size_t n_pages, int flags);

void *__wrap__Z8kvmallocj(size_t n_pages)
{
    void *address = __real__Z8kvmallocj(n_pages);
    if (address) {
        counted.pages += n_pages;
        blocks.add(reinterpret_cast<uintptr_t>(address), n_pages);
    }
    counted.peak = std::max(counted.peak, counted.pages);
    return address;
}

void __wrap__Z6kvfreePvj(void *address, size_t n_pages)
{
    auto start = reinterpret_cast<uintptr_t>(address);
    if (address && !blocks.remove(start, n_pages))
        last_misfreed = start;
    __real__Z6kvfreePvj(address, n_pages);
    if (address)
        counted.pages -= n_pages;
}

int __wrap__Z7map_memP7pagedirjjji(pagedir *pd, uintptr_t physical, uintptr_t virtual_address,
                                   size_t n_pages, int flags)
{
    if (__real__Z7map_memP7pagedirjjji(pd, physical, virtual_address, n_pages, flags) == 0)
        return 0;
    return errors[next_error++ % std::size(errors)];
}
}
