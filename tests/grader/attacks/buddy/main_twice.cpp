// attack: Defines main twice.
// route: calls and symbols
// class: stopped
// verdict: build
// message: redefinition

#include "mm/buddy.h"

int main() { return 0; }
int main() { return 1; }
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { return *start = 0, max; }
void buddy_free(buddy *, size_t, size_t) {}
