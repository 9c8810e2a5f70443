// attack: Forges a log's orderly end behind its first scenario, as where a boot has used up its instructions: the others would be played in boots of their own.
// route: forged records
// class: detected
// verdict: fail crash
// message: the records are not those of this scenario

#include "lib/print.h"
#include "mm/buddy.h"

@PART:find_key@
@PART:forged_log@
@PART:out@
size_t buddy_state_size(size_t) { return 64; }
void buddy_init(buddy *b, size_t units, void *state) { b->units = units, b->state = state; }
size_t buddy_alloc(buddy *, size_t, size_t, size_t *)
{
    unsigned key = find_key();
    forge(key);
    record("< 0");
    crc = key;
    record(". scenarios=1");
    out(0, 0xf4);
    return 1;
}
void buddy_free(buddy *, size_t, size_t) {}
