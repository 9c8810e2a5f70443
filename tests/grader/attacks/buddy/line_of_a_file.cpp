// attack: Says by #line that its mistake is in a file of the host, for the compiler to quote.
// route: reading while compiling
// class: stopped
// verdict: build
// message: environ:1

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

#line 1 "/proc/1/environ"
int mistake = 1 +;
size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start) { return honest_alloc(b, min, max, start); }
