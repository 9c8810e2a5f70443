#pragma once

#include <cstddef>
#include <cstdint>
#include <set>

// A kvmalloc for tests: counts pages exactly, fails when told to, hands out junk, and makes pages
// that were given back inaccessible.
namespace pages
{

constexpr size_t page_size = 4096;

enum class Placement {
    packed,    // the lowest free address, as most kernels do
    scattered, // any free address: neighbours by accident only
};

void reset(Placement placement = Placement::packed, uint64_t seed = 1);

size_t taken();      // pages that are out now
size_t most_taken(); // the most there ever were since reset
size_t calls();      // of kvmalloc since reset, those that failed included
void forget_most_taken();

// The nth call of kvmalloc from now (1 is the next) fails, and `how_many - 1` after it.
void fail(size_t nth, size_t how_many = 1);
// kvmalloc fails when more than so many pages would be out.
void limit(size_t n_pages);

bool all_taken(const void *address, size_t size); // does the range lie in pages that are out?

} // namespace pages
