// attack: Ends the machine with the status that a box gives a program which somebody killed: that would be nobody's fault.
// route: forged records
// class: detected
// verdict: crash fail
// message: the log ends early

#include "mm/buddy.h"

@PART:out@
size_t buddy_state_size(size_t) { return 64; }
void buddy_init(buddy *b, size_t units, void *state) { b->units = units, b->state = state; }
size_t buddy_alloc(buddy *, size_t, size_t, size_t *)
{
    out(68, 0xf4); // 137
    return 1;
}
void buddy_free(buddy *, size_t, size_t) {}
