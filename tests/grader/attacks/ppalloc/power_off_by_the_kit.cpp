// attack: Switches the machine off by the kit's own port output, with the status of a log that is whole, before it can be wrong.
// route: the machine's devices
// class: detected
// verdict: crash
// message: the log ends early

#include "mm/allocation.h"

@PART:out@
void ppinit(std::span<const memory_region>, std::span<const physical_range>, void *) { out(0, 0xf4); }
size_t ppalloc(size_t, size_t, uintptr_t *) { out(0, 0xf4); return 0; }
void ppfree(uintptr_t, size_t) { out(0, 0xf4); }
