// attack: Has the CPU wait for nothing, by an instruction that the compiler has a function for.
// route: the object
// class: stopped
// verdict: rejected
// message: an instruction that is the kernel's own business: m

#include "mm/buddy.h"

[[gnu::target("mwait,sse3")]] static void wait()
{
    __builtin_ia32_monitor(nullptr, 0, 0);
    __builtin_ia32_mwait(0, 0);
}

size_t buddy_state_size(size_t units)
{
    wait();
    return units;
}
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t, size_t *) { return 0; }
void buddy_free(buddy *, size_t, size_t) {}
