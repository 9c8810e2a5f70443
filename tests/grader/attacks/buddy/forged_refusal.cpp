// attack: Says in the player's name, by its own recorder, that the operation under way makes no sense: the scenario would be wrong.
// route: forged records
// class: detected
// verdict: crash fail hang
// message: 
// played: starts_empty

#include "mm/buddy.h"

@PART:find_code@
static const short record_code[] = {@CODE:_Z12record_writePKcz@};

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t min, size_t max, size_t *)
{
    ((void (*)(const char *, ...))FIND(record_code))("@3 ask %%u %%u -> refused message=\"too many words\"", min, max);
    for (;;)
        ;
}
void buddy_free(buddy *, size_t, size_t) {}
