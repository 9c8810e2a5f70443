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

// The interrupt table: gates in a row. The guard page under the stack is not there to be read.
unsigned *interrupt_table()
{
    auto *stack = (unsigned *)__builtin_frame_address(0);
    for (auto *word = (unsigned *)(@KERNEL_BASE@ + 0x1000); ; word++) {
        if (word > stack - 0x2800 && word < stack)
            word = stack;
        bool gates = true;
        for (int i = 0; i < 8 && gates; i += 2)
            gates = word[i] >> 16 == 8 && (word[i + 1] & 0xffff) == 0x8e00;
        if (gates)
            return word;
    }
}

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
