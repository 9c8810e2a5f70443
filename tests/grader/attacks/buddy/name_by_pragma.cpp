// attack: Strings to the assembler in directives: #ident, _Pragma.
// route: strings to the assembler
// class: stopped
// verdict: rejected
// message: no use for

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

#ident "\"\n\thlt\n\t.ident \""
size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start) { return honest_alloc(b, min, max, start); }
