// Lab 2: physical pages. What each function must do stands in mm/allocation.h. Replace each todo()
// with your code; helpers of your own belong into the unnamed namespace.

#include "mm/allocation.h"

#include "lib/todo.h"

void ppinit([[maybe_unused]] std::span<const memory_region> map,
            [[maybe_unused]] std::span<const physical_range> reserved, [[maybe_unused]] void *state)
{
    todo();
}

size_t ppalloc([[maybe_unused]] size_t min_pages, [[maybe_unused]] size_t max_pages,
               [[maybe_unused]] uintptr_t *start_addr)
{
    todo();
}

void ppfree([[maybe_unused]] uintptr_t start_addr, [[maybe_unused]] size_t n_pages)
{
    todo();
}
