// attack: Terminal escapes and lines of its own in the name of the file where it crashes.
// route: forged records
// class: detected
// verdict: crash fail
// message: page fault, in buddy_alloc at

#include "mm/buddy.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
void buddy_free(buddy *, size_t, size_t) {}
#line 1 "kernel/mm/\033[2J\033]0;owned\007<script>alert(1)</script>"
size_t buddy_alloc(buddy *, size_t, size_t, size_t *) { return *(volatile size_t *)0x7fff0000; }
