// Times with Google Benchmark what malloc_count.cpp counts, against the allocator that it is linked
// with, or that is preloaded.
//
//     malloc-time-NAME [--benchmark_…] FILE
#include <benchmark/benchmark.h>
#include <cstdio>

#include "host_workload.h"

namespace
{

// What an iteration left goes, and what there has to be beforehand comes.
bool prepare(Workload &work)
{
    for (void *&block : work.blocks) {
        heap::free(block);
        block = nullptr;
    }
    return perform<HostHeap>(work.before, work.blocks.data());
}

void replay(benchmark::State &state, Workload &work)
{
    for (auto _ : state) {
        state.PauseTiming();
        bool done = prepare(work);
        state.ResumeTiming();
        if (!done || !perform<HostHeap>(work.counted, work.blocks.data()))
            return state.SkipWithError("out of memory");
    }
    state.SetItemsProcessed(state.iterations() * work.counted.size());
}

} // namespace

int main(int argc, char **argv)
{
    benchmark::Initialize(&argc, argv);
    if (argc != 2) {
        fprintf(stderr, "usage: %s [--benchmark_…] FILE\n", argv[0]);
        return 2;
    }
    Workload work(argv[1]);
    benchmark::RegisterBenchmark(argv[1], [&](benchmark::State &state) { replay(state, work); });
    benchmark::RunSpecifiedBenchmarks();
}
