// attack: Leads the watchdog's interrupt to the kit's own cli and hlt, and jumps there: the machine waits for nothing.
// route: no end
// class: detected
// verdict: hang crash
// message: it does not come back
// played: starts_empty

#include "mm/buddy.h"

@PART:interrupt_table@

unsigned find_halt()
{
    for (auto *byte = (const unsigned char *)(@KERNEL_BASE@ + 0x100000 - 0x100000);; byte++)
        if (byte[0] == 0xfa && byte[1] == 0xf4)
            return (unsigned)byte;
}

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t, size_t *)
{
    unsigned halt = find_halt();
    unsigned *gate = interrupt_table() + 2 * 2;
    gate[0] = 8 << 16 | (halt & 0xffff);
    gate[1] = (halt & 0xffff0000) | 0x8e00;
    ((void (*)())halt)();
    return 0;
}
void buddy_free(buddy *, size_t, size_t) {}
