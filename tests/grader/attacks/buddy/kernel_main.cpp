// attack: Brings entry points of its own: main, start, kernel_main.
// route: calls and symbols
// class: stopped
// verdict: fail
// message: starts empty

#include "mm/buddy.h"

extern "C" [[gnu::used, noreturn]] void kernel_main(unsigned, unsigned) { for (;;) ; }
extern "C" [[gnu::used, noreturn]] void start() { for (;;) ; }
[[gnu::used]] int not_main() asm("main");
[[gnu::used]] int not_main() { return 0; }
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { return *start = 0, max; }
void buddy_free(buddy *, size_t, size_t) {}
