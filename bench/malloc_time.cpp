// Times with Google Benchmark what malloc.cpp counts, against the allocator that it is linked with, or
// that is preloaded.
//
//     malloc-time-NAME [--benchmark_…] WORKLOAD
#include <benchmark/benchmark.h>
#include <cstdio>

#include "malloc_workload.h"

namespace
{

// What an iteration left goes, and what there has to be beforehand comes.
bool prepare(const Workload &work, std::vector<void *> &blocks)
{
    for (void *&block : blocks) {
        heap::free(block);
        block = nullptr;
    }
    return perform(work.before, blocks.data());
}

void replay(benchmark::State &state, const Workload &work)
{
    std::vector<void *> blocks(n_ids(work));
    for (auto _ : state) {
        state.PauseTiming();
        bool done = prepare(work, blocks);
        state.ResumeTiming();
        if (!done || !perform(work.counted, blocks.data()))
            return state.SkipWithError("out of memory");
    }
    prepare({}, blocks);
    state.SetItemsProcessed(state.iterations() * work.counted.size());
}

} // namespace

int main(int argc, char **argv)
{
    benchmark::Initialize(&argc, argv);
    if (argc != 2) {
        fprintf(stderr, "usage: %s [--benchmark_…] FILE|mix|uni2k|fixed64|lifo|grow|tiny\n",
                argv[0]);
        return 2;
    }
    Workload work = make_workload(argv[1]);
    benchmark::RegisterBenchmark(argv[1], replay, work);
    benchmark::RunSpecifiedBenchmarks();
}
