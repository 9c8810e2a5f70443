// The cost of buddy_alloc and buddy_free on a few workloads: buddy-NAME WORKLOAD UNITS [nothing]
//
// Prints the number of operations, and the bytes of state for a unit. What is measured happens in
// counted_operations(), so instructions can be counted with
//     valgrind --tool=callgrind --toggle-collect=counted_operations
// With `nothing`, the operations call an allocator that does nothing: the share of this program in
// the figures. grader/bench/buddy.py runs it.

#include <cstdio>
#include <cstdlib>

#include "buddy_workload.h"

extern "C" __attribute__((noinline)) void counted_operations(bench &b)
{
    b.operations();
}

int main(int argc, char **argv)
{
    auto w = std::find_if(std::begin(workloads), std::end(workloads), [&](const workload &each) {
        return argc > 2 && !strcmp(each.name, argv[1]);
    });
    uint32_t units = argc > 2 ? strtoul(argv[2], nullptr, 10) : 0;
    if (w == std::end(workloads) || units < 1 || units > buddy_max_units) {
        fprintf(stderr, "usage: buddy-NAME geo50|geo70|geo90|zero90|uni70|failing|fill|split UNITS "
                        "[nothing]\n");
        return 2;
    }
    allocator a = {buddy_state_size, buddy_init, buddy_alloc, buddy_free};
    if (argc > 3)
        a = {buddy_state_size, buddy_init, alloc_nothing, free_nothing};
    bench b(*w, a, units);
    b.draw();
    counted_operations(b);
    printf("%d %.3f\n", measured_operations, double(buddy_state_size(units)) / units);
}
