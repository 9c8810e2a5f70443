// attack: A character that begins in a number to one reader, and a string behind it to the other, hides lines of assembly.
// route: strings to the assembler
// class: stopped
// verdict: rejected
// message: a blank behind the number

#include "mm/buddy.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
void buddy_free(buddy *, size_t, size_t) {}
[[a::deprecated(1'."')]] [[gnu::section(R"x(.data
        .text
        .globl _Z11buddy_allocP5buddyjjPj
_Z11buddy_allocP5buddyjjPj:
        mov $1, %eax
        ret
        .section .data)x")]] int pasted = 1; [[a::deprecated(1'."1'1)]] int other;
