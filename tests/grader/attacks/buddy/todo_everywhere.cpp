// attack: Says todo() where it would be wrong.
// route: no end
// class: detected
// verdict: todo
// message: not written yet

#include "mm/buddy.h"
#include "lib/todo.h"

size_t buddy_state_size(size_t) { todo(); }
void buddy_init(buddy *, size_t, void *) { todo(); }
size_t buddy_alloc(buddy *, size_t, size_t, size_t *) { todo(); }
void buddy_free(buddy *, size_t, size_t) { todo(); }
