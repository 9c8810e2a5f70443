// attack: Single steps: follows the CPU through the player by an exception handler of its own, by the trap flag, which the kit's iret sets.
// route: tampering
// class: detected
// verdict: fail crash hang
// message: 

#include "mm/buddy.h"

@PART:interrupt_table@
@PART:find_bytes@
static unsigned go_on, steps;

// Where the CPU comes to for each instruction, with what `entry` pushed above its eip, cs and flags. Left by an iret of
// the kit's, as if it were where this function came from.
[[gnu::stdcall, gnu::noipa, gnu::no_caller_saved_registers]] static void step(unsigned)
{
    auto *stack = (unsigned *)__builtin_frame_address(0);
    if (++steps == 2000)
        stack[5] &= ~0x100u;
    stack[1] = go_on;
}

[[gnu::noipa]] static void entry()
{
    step(0);
    step(0);
}

static void begin()
{
    if (!go_on) {
        const unsigned char tail[] = {0x61, 0x83, 0xc4, 0x08, 0xcf};
        go_on = find_bytes(tail) + 4;
        auto *push_and_call = (const unsigned char *)entry;
        while (push_and_call[0] != 0x6a || push_and_call[1] || push_and_call[2] != 0xe8)
            push_and_call++;
        auto *gate = interrupt_table() + 2;
        gate[0] = 8 << 16 | ((unsigned)push_and_call & 0xffff);
        gate[1] = ((unsigned)push_and_call & 0xffff0000) | 0x8e00;
    }
    steps = 0;
    using trapped = void [[gnu::stdcall]] (unsigned cs, unsigned flags);
    ((trapped *)go_on)(8, 0x102);
}

size_t buddy_state_size(size_t) { return 64; }
void buddy_init(buddy *b, size_t units, void *state) { b->units = units, b->state = state; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    begin();
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
