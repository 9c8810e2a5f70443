// attack: Calls the function that writes records.
// route: calls and symbols
// class: stopped
// verdict: rejected
// message: it uses record_write

#include "mm/buddy.h"

void record_write(const char *, ...);
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    record_write("@1 init 16 -> size=16");
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
