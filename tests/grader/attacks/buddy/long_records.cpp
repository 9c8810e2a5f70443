// attack: A right solution, made slow; it lengthens its records by words that say nothing, as each letter excuses instructions.
// route: tampering
// class: detected
// verdict: crash
// message: instructions more than its record says
// played: logarithmic

#include "mm/buddy.h"

#include <initializer_list>
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

// The player's description of the call, above this one on the stack (struct call, kernel/player/lab.h).
struct [[gnu::packed]] description {
    unsigned long long arguments[6];
    unsigned count;
    bool hexadecimal[6];
    char results[354];
    unsigned length;
};

static bool pad(char *own, unsigned first, unsigned second)
{
    for (; (unsigned)own % 4096 < 4000; own += 4) {
        auto *call = (description *)own;
        if (call->arguments[0] == first && call->arguments[1] == second && call->count == 2 && !call->length) {
            __builtin_memset(call->results, '.', call->length = 300);
            call->results[0] = ' ';
            return true;
        }
    }
    return false;
}

[[gnu::always_inline]] static inline void waste(char *own)
{
    constexpr unsigned rounds = 1500;
    for (volatile unsigned i = 0; i < rounds; i++)
        ;
    char *callers = *(char **)own;
    for (char *place : {callers - 0x18, callers - 0x1c, callers - 0x20, callers - 0x24, callers - 0x28,
                        own - 8, own - 0xc}) {
        auto time = (unsigned long long *)place;
        if (*time % 512 || *time < 50'000'000 || *time >> 32 > 0xfff)
            continue;
        *time += 6ull * 512 * rounds;
        break;
    }
}

size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start)
{
    if (pad((char *)__builtin_frame_address(0), min, max))
        waste((char *)__builtin_frame_address(0));
    return honest_alloc(b, min, max, start);
}
