// attack: Switches paging off by the kit's own code that restarts the kernel, in the middle of it.
// route: tampering
// class: detected
// verdict: crash
// message: where no memory is | does not come back | the log ends early
// played: starts_empty

#include "mm/buddy.h"

@PART:find_bytes@
size_t buddy_state_size(size_t) { return 64; }
void buddy_init(buddy *b, size_t units, void *state) { b->units = units, b->state = state; }
size_t buddy_alloc(buddy *, size_t, size_t, size_t *)
{
    const unsigned char off[] = {0x0f, 0x20, 0xc0, 0x25, 0xff, 0xff, 0xfe, 0x7f};
    ((void (*)())find_bytes(off))();
    return 1;
}
void buddy_free(buddy *, size_t, size_t) {}
