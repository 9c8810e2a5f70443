// attack: A right solution, made slow by 2,500 instructions a call; it moves the start of its time in the player's frame.
// route: tampering
// class: detected
// verdict: crash
// message: instructions more than | a panic where there is no reason for one
// played: instructions

#include "mm/malloc.h"
#include "mm/kvmalloc.h"

#include <initializer_list>
void *honest_malloc(size_t);
void *honest_realloc(void *, size_t);
void honest_free(void *);
#define malloc honest_malloc
#define realloc honest_realloc
#define free honest_free
@REFERENCE@
#undef malloc
#undef realloc
#undef free

// Wastes time, and takes it from what the player measures: the time stamp before the call lies in the caller's
// frame, or in registers that are kept in this function's own. It is known by being time (players_frame.cpp of lab 1).
[[gnu::always_inline]] static inline void waste(char *own)
{
    constexpr unsigned rounds = 400;
    for (volatile unsigned i = 0; i < rounds; i++)
        ;
    char *callers = *(char **)own;
    for (char *place : {callers - 0x18, callers - 0x1c, callers - 0x20, callers - 0x24, callers - 0x28,
                        own - 4, own - 8, own - 0xc, own - 0x10}) {
        auto time = (unsigned long long *)place;
        if (*time % 512 || *time < 50'000'000 || *time >> 32 > 0xfff)
            continue;
        *time += 6ull * 512 * rounds;
        break;
    }
}

void *malloc(size_t size)
{
    waste((char *)__builtin_frame_address(0));
    return honest_malloc(size);
}

void *realloc(void *block, size_t size)
{
    waste((char *)__builtin_frame_address(0));
    return honest_realloc(block, size);
}

void free(void *block)
{
    waste((char *)__builtin_frame_address(0));
    honest_free(block);
}
