// attack: Maps nothing until somebody touches it: page faults are led to a function of its own, which fills the tables and goes on by the kit's iret.
// route: false answers
// class: detected
// verdict: crash fail
// message: the interrupt table leads elsewhere
// played: kernel_mappings user_mappings cost_per_page

#include "mm/allocation.h"
#include "mm/paging.h"
#define map_mem honest_map_mem
#define translate honest_translate
@REFERENCE@
#undef map_mem
#undef translate

@PART:interrupt_table@
@PART:find_bytes@
struct note { pagedir *pd; unsigned physical, address, pages; int flags; };
static note notes[512];
static unsigned n_notes, kits_gate[2], go_on;
static unsigned *gate;

static void fill()
{
    for (unsigned i = 0; i < n_notes; i++)
        honest_map_mem(notes[i].pd, notes[i].physical, notes[i].address, notes[i].pages, notes[i].flags);
    n_notes = 0;
}

// Entered by the CPU, above whose error code lie eip, cs and eflags; left by an iret of the kit's, as if it were where
// this function came from. Another fault is the kit's business.
[[gnu::no_caller_saved_registers, gnu::target("general-regs-only")]] static void fault()
{
    ((unsigned *)__builtin_frame_address(0))[1] = go_on;
    gate[0] = kits_gate[0], gate[1] = kits_gate[1];
    fill();
}

int map_mem(pagedir *pd, uintptr_t physical, uintptr_t address, size_t n_pages, int flags)
{
    bool whole = address % 4096 == 0 && physical % 4096 == 0 && n_pages && n_pages < 1024 && address + n_pages * 4096 > address;
    bool one_side = address >= kernel_base || (pd && address + n_pages * 4096 <= kernel_base);
    if (!whole || !one_side || !(flags & 1) || n_notes == 512) {
        fill();
        return honest_map_mem(pd, physical, address, n_pages, flags);
    }
    if (!gate) {
        const unsigned char tail[] = {0x61, 0x83, 0xc4, 0x08, 0xcf};
        go_on = find_bytes(tail) + 4;
        gate = interrupt_table() + 2 * 14;
        kits_gate[0] = gate[0], kits_gate[1] = gate[1];
    }
    notes[n_notes++] = {pd, physical, address, n_pages, flags};
    gate[0] = 8 << 16 | ((unsigned)fault & 0xffff), gate[1] = ((unsigned)fault & 0xffff0000) | 0x8e00;
    return 0;
}

bool translate(pagedir *pd, uintptr_t address, uintptr_t *physical, int *flags)
{
    fill();
    return honest_translate(pd, address, physical, flags);
}
