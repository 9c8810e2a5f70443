// attack: A right solution that loads descriptors of its own by the kit's lgdt, where data begins elsewhere: the player would look at a copy.
// route: tampering
// class: detected
// verdict: crash hang fail
// message: triple fault | page fault | protection fault
// played: logarithmic

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

@PART:find_bytes@
alignas(8) static unsigned table[14];

// The kit's own lgdt reads what lies in its frame, here in this function's.
[[gnu::noipa]] static void load()
{
    const unsigned char lgdt[] = {0x0f, 0x01, 0x55};
    auto *code = (const unsigned char *)find_bytes(lgdt);
    volatile unsigned room[16];
    auto *there = (char *)__builtin_frame_address(0) + (signed char)code[3];
    room[0] = 0;
    *(volatile unsigned short *)there = sizeof table - 1;
    *(volatile unsigned *)(there + 2) = (unsigned)table;
    ((void (*)())code)();
}

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    table[2] = 0xffff, table[3] = 0x00cf9a00;
    table[4] = 0xffff | 0x1000 << 16, table[5] = 0x00cf9200; // from 0x1000 on
    load();
    return honest_alloc(b, min, max, start);
}
