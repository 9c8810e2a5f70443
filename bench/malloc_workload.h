#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "heap.h"

// What bench/malloc.cpp and bench/malloc_time.cpp play: requests, drawn or recorded beforehand.

struct Operation {
    enum Kind : uint32_t { allocate, resize, release } kind;
    uint32_t id;
    size_t size;
};

struct Workload {
    std::vector<Operation> before; // not counted: brings the heap into the state to measure
    std::vector<Operation> counted;
};

// The workload of that name: mix, uni2k, fixed64, lifo, grow, tiny, or a trace's file. Ends the program
// if there is none.
Workload make_workload(const std::string &name);

// How many blocks there are names for.
size_t n_ids(const Workload &work);

// The most bytes that are live at a time.
size_t peak_payload(const Workload &work);

// Plays operations against the allocator that this is linked with. False if memory runs out.
inline bool perform(const std::vector<Operation> &operations, void **blocks)
{
    for (const Operation &operation : operations) {
        void *&block = blocks[operation.id];
        if (operation.kind == Operation::release) {
            heap::free(block);
            block = nullptr;
            continue;
        }
        block = operation.kind == Operation::allocate ? heap::malloc(operation.size)
                                                      : heap::realloc(block, operation.size);
        if (!block)
            return false;
    }
    return true;
}
