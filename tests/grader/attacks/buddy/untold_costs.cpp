// attack: A right solution, made slow; it has the player measure only a few operations, by a setting whose place the code of panic tells.
// route: forged records
// class: detected
// verdict: fail
// message: the records are not those of this scenario
// played: logarithmic

#include "lib/panic.h"
#include "mm/buddy.h"
#define buddy_alloc honest_alloc
#define buddy_free honest_free
@REFERENCE@
#undef buddy_alloc
#undef buddy_free

static volatile bool *measuring()
{
    auto *code = (const unsigned char *)panic;
    while (code[0] != 0x80 || code[1] != 0x3d || code[6]) // cmpb $0, setting
        code++;
    return *(volatile bool **)(code + 2);
}

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    static unsigned calls;
    if (b->units > 10000 && ++calls > 3) {
        *measuring() = false;
        for (volatile size_t i = 0; i < b->units; i++)
            ;
    }
    return honest_alloc(b, min, max, start);
}

void buddy_free(buddy *b, size_t start, size_t count)
{
    *measuring() = true;
    honest_free(b, start, count);
}
