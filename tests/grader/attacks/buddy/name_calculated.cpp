// attack: Has a constant expression say the name of a section, line ends and all.
// route: strings to the assembler
// class: stopped
// verdict: rejected
// message: a number or a plain name was expected

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

constexpr const char (&name())[34] { return ".data\n\t.text\n\thlt\n\t.section .data"; }
[[gnu::section(name())]] int halts = 4;
size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start) { return honest_alloc(b, min, max, start); }
