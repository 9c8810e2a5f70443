// attack: A right solution, made slow; of a quiet stretch it has each slow operation told by itself, and not measured: its sum is of the others.
// route: forged records
// class: detected
// verdict: crash
// message: instructions more than its record says
// played: pages instructions

#include "mm/malloc.h"
#include "lib/panic.h"
#include "mm/kvmalloc.h"
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

// measuring, in_script, quiet
static volatile bool *settings_of_the_player()
{
    auto *code = (const unsigned char *)panic;
    while (code[0] != 0x80 || code[1] != 0x3d || code[6]) // cmpb $0, setting
        code++;
    return *(volatile bool **)(code + 2);
}

static void waste()
{
    static volatile bool *settings = settings_of_the_player();
    static bool turned;
    static unsigned calls;
    if ((!settings[2] && !turned) || settings[0])
        return;
    turned = true, settings[2] = ++calls == 20;
    if (settings[2])
        return;
    for (volatile unsigned i = 0; i < 400; i++)
        ;
}

void *malloc(size_t size) { return waste(), honest_malloc(size); }
void *realloc(void *block, size_t size) { return waste(), honest_realloc(block, size); }
void free(void *block) { waste(), honest_free(block); }
