// attack: Finds the key in memory and forges a finished scenario; then it hangs.
// route: forged records
// class: detected
// verdict: crash hang fail
// message: the records are not those of this scenario

#include "mm/buddy.h"
#include "lib/print.h"

@PART:forged_log@
@PART:find_key@

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    forge(find_key());
    record("< 0");
    for (;;)
        ;
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
