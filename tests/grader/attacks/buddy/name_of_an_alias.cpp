// attack: Assembly in the name of what a function is an alias of.
// route: strings to the assembler
// class: stopped
// verdict: rejected
// message: is no plain name

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

[[gnu::weakref("memcpy\n\t.section .text.more,\"ax\"\n\thlt\n\t.text")]] static void other();
[[gnu::used]] void (*const halts)() = other;
size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start) { return honest_alloc(b, min, max, start); }
