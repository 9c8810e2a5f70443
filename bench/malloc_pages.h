#pragma once

#include <cstddef>

// The kvmalloc that the measured allocators get their pages from: quick enough not to be in the way,
// and counted.

constexpr size_t page_size = 4096;

struct PageCount {
    size_t taken;
    size_t most_taken;
    size_t calls;
};
extern PageCount page_count;
