// attack: Hands out addresses, and maps nothing.
// route: false answers
// class: detected
// verdict: fail crash
// message: 

#include "mm/kvmalloc.h"

char *next = (char *)0xe0000000;

void *kvmalloc(size_t n_pages) { return next += (n_pages + 1) * 4096; }
void kvfree(void *, size_t) {}
