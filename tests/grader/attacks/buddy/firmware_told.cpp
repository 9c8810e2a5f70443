// attack: Asks for what the emulator keeps for its firmware: by bytes, as the kit's own instructions write them, nothing can be chosen.
// route: the machine's devices
// class: detected
// verdict: fail crash hang
// message: fw_cfg 0: 00 00 00 00
// played: starts_empty

#include "lib/print.h"
#include "mm/buddy.h"

@PART:out@
@PART:in@
static void tell(unsigned char key, int size)
{
    out(key, 0x510);
    print("fw_cfg %x:", key);
    while (size--)
        print(" %02x", in(0x511));
    print("\n");
}

size_t buddy_state_size(size_t) { return 64; }
void buddy_init(buddy *b, size_t units, void *state) { b->units = units, b->state = state; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    tell(0x00, 4);  // whether it is there
    tell(0x02, 16); // the machine's number
    tell(0x15, 40); // the kernel's command line
    tell(0x19, 80); // its files
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
