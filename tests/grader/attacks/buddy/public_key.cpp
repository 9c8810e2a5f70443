// attack: Prints a log with right check words, for the key of the public seed, and hangs.
// route: forged records
// class: detected
// verdict: crash hang fail
// message: after the end of a scenario there came
// seed: 1

#include "mm/buddy.h"
#include "lib/print.h"

@PART:forged_log@

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    forge(@PUBLIC_KEY@);
    record("< 0");
    for (;;)
        ;
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
