// attack: A right solution that takes address line 20 away for a moment: what the CPU sees there is other memory.
// route: the machine's devices
// class: detected
// verdict: crash
// message: 
// played: starts_empty

#include "mm/buddy.h"

#define buddy_free honest_free
@REFERENCE@
#undef buddy_free

@PART:out@
void buddy_free(buddy *b, size_t start, size_t count)
{
    out(0, 0x92); // only until it is put back: if there is code to do so
    out(2, 0x92);
    honest_free(b, start, count);
}
