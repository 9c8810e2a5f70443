// attack: Restarts the kernel under an operation.
// route: calls and symbols
// class: stopped
// verdict: rejected
// message: it uses restart_kernel

#include "mm/buddy.h"

extern "C" [[noreturn]] void restart_kernel();
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    restart_kernel();
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
