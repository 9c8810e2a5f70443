// attack: Forges the log up to its last record, and ends with a triple fault.
// route: forged records
// class: detected
// verdict: crash fail
// message: the records are not those of this scenario

#include "mm/buddy.h"
#include "lib/print.h"

@PART:forged_log@
@PART:find_key@

@PART:interrupt_table@

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    unsigned key = find_key();
    forge(key);
    record("< 0");
    crc = key;
    record(". scenarios=79");
    auto *table = interrupt_table();
    for (int i = 0; i < 64; i++)
        table[i] = 0;
    *(volatile int *)0xe0000000 = 1;
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
