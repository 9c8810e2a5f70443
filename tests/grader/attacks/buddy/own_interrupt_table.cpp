// attack: Loads an interrupt table of its own by the kit's lidt, a copy whose gate for the watchdog leads elsewhere, and loops.
// route: tampering
// class: detected
// verdict: fail hang crash
// message: 

#include "mm/buddy.h"

@PART:interrupt_table@
@PART:find_bytes@
alignas(8) static unsigned copy[512];

static void nothing()
{
    for (;;)
        ;
}

// The kit's `lidt -6(%ebp)`, as if it stood here: behind it this function's frame is left.
[[gnu::noipa]] static void load(unsigned code, unsigned base)
{
    volatile unsigned room[4];
    auto *there = (unsigned char *)__builtin_frame_address(0) - 6;
    room[0] = 0;
    *(volatile unsigned short *)there = sizeof copy - 1;
    *(volatile unsigned *)(there + 2) = base;
    ((void (*)())code)();
}

static void lead()
{
    const unsigned char lidt[] = {0x0f, 0x01, 0x5d, 0xfa, 0x89, 0xec, 0x5d, 0xc3};
    auto *table = interrupt_table();
    for (int i = 0; i < 512; i++)
        copy[i] = table[i];
    copy[4] = 8 << 16 | ((unsigned)nothing & 0xffff);
    copy[5] = ((unsigned)nothing & 0xffff0000) | 0x8e00;
    load(find_bytes(lidt), (unsigned)copy);
}

size_t buddy_state_size(size_t) { return 64; }
void buddy_init(buddy *b, size_t units, void *state) { b->units = units, b->state = state; }
size_t buddy_alloc(buddy *, size_t, size_t, size_t *)
{
    lead();
    nothing();
    return 0;
}
void buddy_free(buddy *, size_t, size_t) {}
