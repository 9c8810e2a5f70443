// attack: An option in an attribute that would load a plugin into the compiler.
// route: reading while compiling
// class: stopped
// verdict: rejected build
// message: no plain name
// played: starts_empty

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

[[gnu::optimize("-fplugin=/marionette/out/student.s")]] size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start) { return honest_alloc(b, min, max, start); }
