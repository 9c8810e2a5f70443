// Replays one workload against the allocator that it is linked with.
//
//     malloc-NAME FILE|mix|uni2k|fixed64|lifo|grow|tiny
//         ->  operations, peak payload, peak pages, page calls
//
// Instructions are counted inside replay(), kvmalloc and kvfree excepted, by callgrind
// (grader/bench/malloc.py).
#include <cstdio>

#include "malloc_pages.h"
#include "malloc_workload.h"

// callgrind counts inside this function; grader/bench/malloc.py knows its name, and those of kvmalloc
// and kvfree.
extern "C" [[gnu::noinline]] bool replay(const std::vector<Operation> &operations, void **blocks)
{
    return perform(operations, blocks);
}

int main(int argc, char **argv)
{
    Workload work = make_workload(argc > 1 ? argv[1] : "mix");
    std::vector<void *> blocks(n_ids(work));
    bool done = perform(work.before, blocks.data());
    page_count.calls = 0;
    if (!done || !replay(work.counted, blocks.data())) {
        fprintf(stderr, "out of memory\n");
        return 1;
    }
    printf("%zu %zu %zu %zu\n", work.counted.size(), peak_payload(work), page_count.most_taken,
           page_count.calls);
}
