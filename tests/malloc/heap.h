#pragma once

#include <cstddef>

// The allocator under test: the three functions of mm/malloc.h. They have the C library's names and
// linkage, so the Makefile gives them names of their own (HEAP) when it compiles malloc.cpp.
namespace heap
{
void *malloc(size_t size) asm("kernel_malloc");
void *realloc(void *block, size_t size) asm("kernel_realloc");
void free(void *block) asm("kernel_free");
} // namespace heap
