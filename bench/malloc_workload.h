#pragma once

#include <span>

#include <stddef.h>
#include <stdint.h>

// What is played to a malloc, in the guest (malloc_player.cpp) or on the host (malloc_count.cpp,
// malloc_time.cpp): requests that grader/bench/workload.py has drawn, or read of a recorded
// program.

struct request {
    enum kind : uint32_t { allocate, resize, release } kind;
    uint32_t id; // of the block
    uint32_t size;
};

// A workload's file: this, then the requests.
struct workload_header {
    uint32_t n_blocks;  // that requests have ids for
    uint32_t n_before;  // requests that bring the heap into the state to measure,
    uint32_t n_counted; // and those that are measured
};

// Plays requests. False if memory runs out.
template <typename Heap>
inline bool perform(std::span<const request> requests, void **blocks)
{
    for (const request &r : requests) {
        void *&block = blocks[r.id];
        if (r.kind == request::release) {
            Heap::release(block);
            block = nullptr;
            continue;
        }
        block = r.kind == request::allocate ? Heap::allocate(r.size) : Heap::resize(block, r.size);
        if (!block)
            return false;
    }
    return true;
}
