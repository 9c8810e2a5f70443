// attack: Says that there are more records than the dealer's table has room for.
// route: forged records
// class: detected
// verdict: crash fail hang
// message: 
// played: exact_counts

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc
@PART:find_code@
static const short ask_code[] = {@CODE:_Z13ask_for_lines6wanted@};

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    auto *code = (const unsigned char *)FIND(ask_code);
    while (code[0] != 0xba || *(unsigned *)(code + 1) < @KERNEL_BASE@)
        code++;
    auto *lines = *(unsigned **)(code + 1);
    lines[-1] = 0xffffffff;
    lines[-1 - 1000 - 1] = 0xffffffff;
    return honest_alloc(b, min, max, start);
}
