// All frames are there before any is mapped for good: each run bears a note about the one before
// it, which is read and written through the first page of the block to come. Then they are mapped
// from the last page to the first.
#include "mm/kvmalloc.h"

#include "mm/allocation.h"
#include "mm/paging.h"

namespace
{

constexpr uintptr_t nothing = 1; // no frame's address
constexpr int rights = PTE_PRESENT | PTE_WRITABLE;

struct run {
    uintptr_t before; // the frame that the run before it begins with
    size_t n_pages;
};

// Reads or writes the note in a frame, at an address where nothing is mapped.
template <typename Use>
bool at(uintptr_t window, uintptr_t frame, Use use)
{
    if (map_mem(nullptr, frame, window, 1, rights) != 0)
        return false;
    use(*reinterpret_cast<run *>(window));
    map_mem(nullptr, 0, window, 1, 0);
    return true;
}

run read(uintptr_t window, uintptr_t frame)
{
    run found{};
    at(window, frame, [&](run &note) { found = note; });
    return found;
}

// Whether there were as many as were asked for; `last` is the frame that the last run begins with.
bool gather(uintptr_t window, size_t n_pages, uintptr_t &last)
{
    for (size_t n; n_pages > 0; n_pages -= n) {
        uintptr_t frame;
        n = ppalloc(1, n_pages, &frame);
        if (n == 0)
            return false;
        if (!at(window, frame, [&](run &note) { note = {last, n}; })) {
            ppfree(frame, n);
            return false;
        }
        last = frame;
    }
    return true;
}

// Maps the runs, the last one first; those that are left could not be.
void map_backwards(uintptr_t start, size_t n_pages, uintptr_t &last)
{
    while (last != nothing) {
        run r = read(start, last);
        n_pages -= r.n_pages;
        if (map_mem(nullptr, last, start + n_pages * page_size, r.n_pages, rights) != 0)
            return;
        last = r.before;
    }
}

void give_back_runs(uintptr_t window, uintptr_t last)
{
    while (last != nothing) {
        run r = read(window, last);
        ppfree(last, r.n_pages);
        last = r.before;
    }
}

void give_back(uintptr_t start, size_t n_pages)
{
    for (size_t i = 0; i < n_pages; i++) {
        uintptr_t frame;
        int flags;
        if (translate(nullptr, start + i * page_size, &frame, &flags))
            ppfree(frame, 1);
    }
    map_mem(nullptr, 0, start, n_pages, 0);
    vpfree(nullptr, start, n_pages);
}

} // namespace

void *kvmalloc(size_t n_pages)
{
    uintptr_t start, last = nothing;
    if (n_pages == 0 || vpalloc(nullptr, n_pages, n_pages, &start) == 0)
        return nullptr;
    if (gather(start, n_pages, last)) {
        map_backwards(start, n_pages, last);
        if (last == nothing)
            return reinterpret_cast<void *>(start);
    }
    give_back_runs(start, last);
    give_back(start, n_pages);
    return nullptr;
}

void kvfree(void *address, size_t n_pages)
{
    if (address)
        give_back(reinterpret_cast<uintptr_t>(address), n_pages);
}
