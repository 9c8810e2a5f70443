// Lab 3: virtual pages. What each function must do stands in mm/allocation.h. Replace each todo()
// with your code; helpers of your own belong into the unnamed namespace.

#include "mm/allocation.h"

#include "lib/todo.h"

void vpinit([[maybe_unused]] vpallocator *vpa, [[maybe_unused]] uintptr_t start_addr,
            [[maybe_unused]] size_t n_pages, [[maybe_unused]] void *state)
{
    todo();
}

vpallocator *vpcreate([[maybe_unused]] uintptr_t start_addr, [[maybe_unused]] size_t n_pages)
{
    todo();
}

void vpdestroy([[maybe_unused]] vpallocator *vpa)
{
    todo();
}

size_t vpalloc([[maybe_unused]] vpallocator *vpa, [[maybe_unused]] size_t min_pages,
               [[maybe_unused]] size_t max_pages, [[maybe_unused]] uintptr_t *start_addr)
{
    todo();
}

void vpfree([[maybe_unused]] vpallocator *vpa, [[maybe_unused]] uintptr_t start_addr,
            [[maybe_unused]] size_t n_pages)
{
    todo();
}
