// The C library's malloc, or that of whatever library is preloaded, for malloc_count.cpp and
// malloc_time.cpp.

#include <cstdlib>

#include "heap.h"

void *heap::malloc(size_t size)
{
    return std::malloc(size);
}

void *heap::realloc(void *block, size_t size)
{
    return std::realloc(block, size);
}

void heap::free(void *block)
{
    std::free(block);
}
