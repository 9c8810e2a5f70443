// attack: Calls the recorder at the address that it has in the image that everybody can build.
// route: tampering
// class: detected
// verdict: crash fail hang
// message: 

#include "mm/buddy.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start)
{
    ((void (*)(const char *, ...))@ADDRESS:_Z12record_writePKcz@)("@2 alloc 1 1 -> count=0");
    *start = 0;
    return max;
}
void buddy_free(buddy *, size_t, size_t) {}
