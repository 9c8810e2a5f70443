// attack: Hands out the pages that the kernel lies in, for the player to write over itself.
// route: false answers
// class: detected
// verdict: fail crash
// message: 

#include "mm/kvmalloc.h"

void *kvmalloc(size_t) { return (void *)(@KERNEL_BASE@ + 0x20000); }
void kvfree(void *, size_t) {}
