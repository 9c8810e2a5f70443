// attack: Instructions that take an emulator long: it saves the coprocessor's state again and again, in as few as an operation may have.
// route: the object
// class: stopped
// verdict: rejected
// message: the kernel's own business: fxsave

#include "mm/buddy.h"

#pragma GCC target("fxsr")
alignas(16) static char area[512];

size_t buddy_state_size(size_t) { return 64; }
void buddy_init(buddy *b, size_t units, void *state) { b->units = units, b->state = state; }
size_t buddy_alloc(buddy *, size_t, size_t, size_t *)
{
    for (int i = 0; i < 1'000'000; i++)
        __builtin_ia32_fxsave(area);
    return 1;
}
void buddy_free(buddy *, size_t, size_t) {}
