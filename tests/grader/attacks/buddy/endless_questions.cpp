// attack: Asks for what comes next without end; where nobody answers any more, the emulator itself would wait for ever.
// route: no end
// class: detected
// verdict: crash
// message: asked again and again for what comes next
// played: starts_empty

#include "mm/buddy.h"

@PART:find_code@

static const short ask_code[] = {@CODE:_Z13ask_for_lines6wanted@};

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state)
{
    *b = {units, state};
    for (auto *ask = (void (*)(int))FIND(ask_code);;)
        ask(0);
}
size_t buddy_alloc(buddy *, size_t, size_t, size_t *) { return 0; }
void buddy_free(buddy *, size_t, size_t) {}
