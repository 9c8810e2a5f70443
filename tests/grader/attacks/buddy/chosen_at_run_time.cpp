// attack: A function that is chosen at run time, by code that would run before everything.
// route: calls and symbols
// class: stopped
// verdict: rejected build
// message: chosen at run time | ifunc
// played: starts_empty

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

extern "C" {
using function = int ();
static int one() { return 1; }
function *choose() { return one; }
int chosen() __attribute__((ifunc("choose")));
}
size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start) { return chosen() ? honest_alloc(b, min, max, start) : 0; }
