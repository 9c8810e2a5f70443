// attack: The same, and has the machine switched off at once, as the kit does then.
// route: forged records
// class: detected
// verdict: crash fail hang
// message: 
// played: starts_empty exact_counts

#include "mm/buddy.h"

@PART:find_code@
static const short wrong_code[] = {@CODE:_Z9power_offh@};
static const short record_code[] = {@CODE:_Z12record_writePKcz@};

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t, size_t *)
{
    ((void (*)(const char *, ...))FIND(record_code))("? line=7 message=\"lab buddy has no operation 'alloc'\"");
    ((void (*)(unsigned char))FIND(wrong_code))(1);
    return 0;
}
void buddy_free(buddy *, size_t, size_t) {}
