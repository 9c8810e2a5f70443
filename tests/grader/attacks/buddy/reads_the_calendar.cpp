// attack: Reads the host's date from the clock, by the kit's own port input: it could be right on Mondays only.
// route: the machine's devices
// class: detected
// verdict: fail crash
// message: today is 1.1.0
// played: starts_empty

#include "lib/print.h"
#include "mm/buddy.h"

@PART:out@
@PART:in@
static unsigned clock(unsigned char what)
{
    out(what, 0x70);
    return in(0x71);
}

size_t buddy_state_size(size_t) { return 64; }
void buddy_init(buddy *b, size_t units, void *state) { b->units = units, b->state = state; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    print("today is %x.%x.%x\n", clock(7), clock(8), clock(9));
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
