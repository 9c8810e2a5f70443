// Times with Google Benchmark what is counted in the guest: the reference, lists, and an allocator
// that does nothing, which is the share of this program, as benchmarks ALLOCATOR/WORKLOAD/UNITS.

#include <benchmark/benchmark.h>
#include <cstddef>
#include <string>
#include <vector>

#include "buddy_workload.h"

// Each buddy.cpp is compiled with names of its own (Makefile).
#define BUDDY(name)                                                                                \
    size_t name##_state_size(size_t units);                                                        \
    void name##_init(buddy *b, size_t units, void *state);                                         \
    size_t name##_alloc(buddy *b, size_t min, size_t max, size_t *start);                          \
    void name##_free(buddy *b, size_t start, size_t count)

BUDDY(reference);
BUDDY(lists);

namespace
{

constexpr uint32_t usual_units = 262'144; // 1 GiB in pages

void operations(benchmark::State &state, const allocator &a, const workload &w)
{
    size_t units = state.range(0);
    std::vector<std::max_align_t> bytes(a.state_size(units) / sizeof(std::max_align_t) + 1);
    std::vector<run> live(live_runs(units));
    std::vector<uint32_t> numbers(most_numbers);
    bench b(w, a, units, {bytes.data(), live, numbers});
    b.prepare();
    for (auto _ : state) {
        state.PauseTiming();
        b.draw();
        state.ResumeTiming();
        b.operations();
    }
    state.SetItemsProcessed(state.iterations() * measured_operations);
}

} // namespace

int main(int argc, char **argv)
{
    const struct {
        std::string name;
        allocator a;
    } allocators[] = {
        {"reference", {reference_state_size, reference_init, reference_alloc, reference_free}},
        {"lists", {lists_state_size, lists_init, lists_alloc, lists_free}},
        {"nothing", {reference_state_size, reference_init, alloc_nothing, free_nothing}},
    };
    for (const auto &each : allocators)
        for (const workload &w : workloads)
            benchmark::RegisterBenchmark((each.name + "/" + std::string(w.name)).c_str(),
                                         operations, each.a, w)
                ->Arg(usual_units);
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
}
