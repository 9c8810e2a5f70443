// attack: A right solution that leads all exceptions to itself.
// route: tampering
// class: detected
// verdict: crash fail
// message: the interrupt table leads elsewhere

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

[[noreturn]] void mine() { for (;;) ; }

@PART:interrupt_table@

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    static unsigned *table;
    if (!table)
        table = interrupt_table();
    for (int vector = 0; vector < 32; vector++)
        if (vector != 2 && vector != 8) {
            table[2 * vector] = 8 << 16 | ((size_t)mine & 0xffff);
            table[2 * vector + 1] = ((size_t)mine & 0xffff0000) | 0x8e00;
        }
    return honest_alloc(b, min, max, start);
}
