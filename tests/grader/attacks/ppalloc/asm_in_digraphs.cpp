// attack: Trigraphs, digraphs and a line end in the middle of a word, to spell asm.
// route: strings to the assembler
// class: stopped
// verdict: rejected
// message: inline assembly

%:include "mm/allocation.h"
void ppinit(std::span<const memory_region>, std::span<const physical_range>, void *) <% a\
s\
m("hlt"); %>
size_t ppalloc(size_t, size_t, uintptr_t *) <% return 0; %>
void ppfree(uintptr_t, size_t) <% __\
asm__ ("cli"); %>
