// attack: A version for a symbol, whose name goes to the assembler as it is.
// route: strings to the assembler
// class: stopped
// verdict: rejected build
// message: symver
// played: starts_empty

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

[[gnu::symver("hidden@@X\n\thlt")]] void versioned() {}
size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start) { return honest_alloc(b, min, max, start); }
