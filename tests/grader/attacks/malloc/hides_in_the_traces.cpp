// attack: A right solution, made slow by 2,500 instructions a call where no operation is measured by itself: of a recorded program only the sum counts, and nobody counted that outside.
// route: tampering
// class: detected
// verdict: crash
// message: instructions more than its record says
// played: pages instructions

#include "mm/malloc.h"
#include "lib/panic.h"
#include "mm/kvmalloc.h"

#include <initializer_list>
@PART:honest_malloc@

static volatile bool *measuring()
{
    auto *code = (const unsigned char *)panic;
    while (code[0] != 0x80 || code[1] != 0x3d || code[6]) // cmpb $0, setting
        code++;
    return *(volatile bool **)(code + 2);
}

static bool is_worth_it()
{
    static volatile bool *measured = measuring();
    return !*measured;
}
@PART:wasted_time@
