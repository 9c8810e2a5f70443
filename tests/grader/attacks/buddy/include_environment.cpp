// attack: Has the assembler include the environment of the box's first process, in the name of a section.
// route: strings to the assembler
// class: stopped
// verdict: rejected
// message: is no plain name

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

[[gnu::section(".data\n\t.include \"/proc/1/environ\"\n\t.section .data")]] int secret = 4;
size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start) { return honest_alloc(b, min, max, start); }
