// attack: A pragma that has the compiler read what it precompiled from another file.
// route: strings to the assembler
// class: stopped
// verdict: rejected
// message: another file

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

#pragma GCC pch_preprocess "/marionette/out/mine.gch"
size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start) { return honest_alloc(b, min, max, start); }
