// attack: Has the CPU reset itself.
// route: no end
// class: detected
// verdict: crash fail
// message: triple fault

#include "mm/buddy.h"

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

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    auto *table = interrupt_table();
    for (int i = 0; i < 64; i++)
        table[i] = 0;
    *(volatile int *)0xe0000000 = 1;
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
