// attack: The reference's assembly, nops between its instructions, pasted into the name of a section.
// route: strings to the assembler
// class: stopped
// verdict: rejected
// message: is no plain name

#include "mm/buddy.h"

[[gnu::section(".data\n@ASSEMBLY@\n\t.section .data")]] int pasted = 4;
size_t buddy_state_size(size_t units);
void buddy_init(buddy *b, size_t units, void *state);
size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start);
void buddy_free(buddy *b, size_t start, size_t count);
