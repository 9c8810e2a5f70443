// attack: Hands out the memory that the kernel lies in.
// route: false answers
// class: detected
// verdict: fail crash
// message: 

#include "mm/malloc.h"

void *malloc(size_t) { return (void *)(@KERNEL_BASE@ + 0x20000); }
void *realloc(void *, size_t) { return (void *)(@KERNEL_BASE@ + 0x20010); }
void free(void *) {}
