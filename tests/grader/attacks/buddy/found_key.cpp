// attack: Finds the key in memory and forges a finished scenario; then it hangs.
// route: forged records
// class: detected
// verdict: crash hang fail
// message: the records are not those of this scenario

#include "mm/buddy.h"
#include "lib/print.h"

@PART:forged_log@
@PART:find_key@

// Only in the first scenario: low memory, mapped 1:1, outlives the restarts.
bool first_time()
{
    auto *seen = (volatile unsigned *)0x90000;
    return *seen != 0x600d && (*seen = 0x600d);
}

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    if (first_time()) {
        forge(find_key());
        record("< 0");
    }
    for (;;)
        ;
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
