// Plays one workload to the allocator that it is linked with, or that is preloaded:
//
//     malloc64-NAME FILE  ->  the number of operations counted
//
// Instructions are counted inside replay(), kvmalloc and kvfree excepted, by callgrind
// (grader/bench/malloc.py).
#include <cstdio>

#include "host_workload.h"

// callgrind counts inside this function; grader/bench/malloc.py knows its name, and those of
// kvmalloc and kvfree.
extern "C" [[gnu::noinline]] bool replay(std::span<const request> requests, void **blocks)
{
    return perform<HostHeap>(requests, blocks);
}

int main(int argc, char **argv)
{
    Workload work(argc > 1 ? argv[1] : "");
    if (!perform<HostHeap>(work.before, work.blocks.data()) ||
        !replay(work.counted, work.blocks.data())) {
        fprintf(stderr, "out of memory\n");
        return 1;
    }
    printf("%zu\n", work.counted.size());
}
