// attack: Sets the flag of a nested task, so that the kit's own iret switches to whatever the task's state says.
// route: tampering
// class: detected
// verdict: crash hang fail
// message: 

#include "mm/buddy.h"

@PART:find_bytes@
size_t buddy_state_size(size_t) { return 64; }
void buddy_init(buddy *b, size_t units, void *state) { b->units = units, b->state = state; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    const unsigned char tail[] = {0x61, 0x83, 0xc4, 0x08, 0xcf};
    using flagged = void [[gnu::stdcall]] (unsigned cs, unsigned flags);
    auto *iret = (flagged *)(find_bytes(tail) + 4);
    iret(8, 0x4002);
    iret(8, 2);
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
