// attack: Enters virtual 8086 mode by the kit's iret.
// route: tampering
// class: detected
// verdict: crash hang fail
// message: 

#include "mm/buddy.h"

@PART:find_bytes@
size_t buddy_state_size(size_t) { return 64; }
void buddy_init(buddy *b, size_t units, void *state) { b->units = units, b->state = state; }
size_t buddy_alloc(buddy *, size_t, size_t, size_t *)
{
    const unsigned char tail[] = {0x61, 0x83, 0xc4, 0x08, 0xcf};
    using entered = void [[gnu::stdcall]] (unsigned cs, unsigned flags, unsigned esp, unsigned ss, unsigned es, unsigned ds,
                                           unsigned fs, unsigned gs);
    ((entered *)(find_bytes(tail) + 4))(0, 0x23002, 0x8000, 0, 0, 0, 0, 0);
    return 1;
}
void buddy_free(buddy *, size_t, size_t) {}
