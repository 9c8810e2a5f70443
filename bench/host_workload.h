#pragma once

#include <vector>

#include "heap.h"
#include "malloc_workload.h"

// Playing a workload on the host, to the heap that a program is linked with.

struct Workload {
    // Reads its file. Ends the program if there is none.
    explicit Workload(const char *path);

    std::vector<request> requests;
    std::vector<void *> blocks;
    std::span<request> before, counted;
};

struct HostHeap {
    static void *allocate(size_t size) { return heap::malloc(size); }
    static void *resize(void *block, size_t size) { return heap::realloc(block, size); }
    static void release(void *block) { heap::free(block); }
};
