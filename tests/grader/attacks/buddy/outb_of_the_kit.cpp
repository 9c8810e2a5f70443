// attack: Resets the machine by the keyboard controller, with the kit's own port output.
// route: the machine's devices
// class: detected
// verdict: crash
// message: the machine reset itself
// played: starts_empty

#include "mm/buddy.h"

@PART:out@
size_t buddy_state_size(size_t units)
{
    out(0xfe, 0x64);
    return units;
}
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t, size_t *) { return 0; }
void buddy_free(buddy *, size_t, size_t) {}
