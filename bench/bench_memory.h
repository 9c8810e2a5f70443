#pragma once

#include "lib/panic.h"
#include "mm/kvmalloc.h"
#include "mm/layout.h"

#include <span>

// Memory for `n` objects of the bench's own in the guest. Nobody gives it back.
template <typename T>
std::span<T> bench_memory(size_t n)
{
    void *pages = kvmalloc((n * sizeof(T) + page_size - 1) / page_size);
    if (!pages)
        panic("bench: the machine has no memory for %zu objects of %zu bytes", n, sizeof(T));
    return {static_cast<T *>(pages), n};
}
