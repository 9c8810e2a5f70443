// attack: A letter beyond ASCII goes on with a number: what begins in it is a character to one reader only, and hides lines of assembly.
// route: strings to the assembler
// class: stopped
// verdict: rejected
// message: a blank behind the number

#include "mm/buddy.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
void buddy_free(buddy *, size_t, size_t) {}
[[a::deprecated(1ö'a 'x')]] [[gnu::section(".data\n\t.text\n\t.globl _Z11buddy_allocP5buddyjjPj\n_Z11buddy_allocP5buddyjjPj:\n\tmov $1, %eax\n\tret\n\t.section .data")]] int pasted = 1; [[a::deprecated('z')]] int other; [[a::deprecated(1ö'b)]] int more;
