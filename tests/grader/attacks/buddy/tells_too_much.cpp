// attack: A right solution, made slow by 3,900 instructions a call; it moves the start of its time in the player's frame. One operation that counts nowhere says so much more that all together fit.
// route: forged records
// class: detected
// verdict: crash
// message: instructions less than its record says
// played: logarithmic

#include "mm/buddy.h"

#include <initializer_list>
#define buddy_alloc honest_alloc
#define buddy_free honest_free
@REFERENCE@
#undef buddy_alloc
#undef buddy_free

// players_frame.cpp: the time stamp before the call is known by being time.
[[gnu::always_inline]] static inline void move(char *own, int instructions)
{
    char *callers = *(char **)own;
    for (char *place : {callers - 0x18, callers - 0x1c, callers - 0x20, callers - 0x24, callers - 0x28,
                        own - 8, own - 0xc}) {
        auto time = (unsigned long long *)place;
        if (*time % 512 || *time < 50'000'000 || *time >> 32 > 0xfff)
            continue;
        *time += 512ll * instructions;
        break;
    }
}

static bool told;

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    unsigned rounds = told ? 600 : 0;
    for (volatile unsigned i = 0; i < rounds; i++)
        ;
    move((char *)__builtin_frame_address(0), 6 * rounds);
    return honest_alloc(b, min, max, start);
}

void buddy_free(buddy *b, size_t start, size_t count)
{
    static unsigned frees;
    if (frees++ == 0 && b->units > 10'000 && count > 1) {
        move((char *)__builtin_frame_address(0), -2'000'000);
        told = true;
    }
    honest_free(b, start, count);
}
