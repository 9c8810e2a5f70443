// attack: A raw string of several lines for the name of a section, in digraphs, by a macro.
// route: strings to the assembler
// class: stopped
// verdict: rejected
// message: is no plain name

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

#define HIDDEN(name, of, text) <:<:name::of(text):>:>
HIDDEN(gnu, section, R"x(.data
        .text
        hlt
        .section .data)x") int halts = 4;
size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start) { return honest_alloc(b, min, max, start); }
