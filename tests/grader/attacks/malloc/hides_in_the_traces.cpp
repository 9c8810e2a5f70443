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

static volatile bool *measuring()
{
    auto *code = (const unsigned char *)panic;
    while (code[0] != 0x80 || code[1] != 0x3d || code[6]) // cmpb $0, setting
        code++;
    return *(volatile bool **)(code + 2);
}

[[gnu::always_inline]] static inline void waste(char *own)
{
    static volatile bool *measured = measuring();
    if (*measured)
        return;
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
