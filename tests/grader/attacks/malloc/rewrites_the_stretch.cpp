// attack: A right solution, made slow and wasteful; of the operations that are dealt together, whose sums alone are told, it rewrites those to come: nothing is allocated there.
// route: forged records
// class: detected
// verdict: fail crash
// message: 
// played: pages instructions

#include "mm/malloc.h"
#include "mm/kvmalloc.h"
@PART:honest_malloc@

@PART:find_code@
static const short ask_code[] = {@CODE:_Z13ask_for_lines6wanted@};

// What was dealt is where the asker's code says (`mov $lines, %edx`).
static char *dealt()
{
    static char *lines;
    if (lines)
        return lines;
    auto *code = (const unsigned char *)FIND(ask_code);
    while (code[0] != 0xba || *(unsigned *)(code + 1) < @KERNEL_BASE@)
        code++;
    return lines = *(char **)(code + 1);
}

// `check` looks at a block that there may be, and calls nothing.
static void rewrite()
{
    char *line = dealt();
    if (!line)
        return;
    const char *end = line + *(unsigned *)(line - 4);
    unsigned n_lines = 0;
    for (char *c = line; c < end; c++)
        n_lines += *c == '\n';
    for (char *c = line; n_lines > 1 && c + 7 < end; c++)
        if (!__builtin_memcmp(c, "malloc ", 7))
            __builtin_memcpy(c, "check  ", 7);
}

static void waste()
{
    rewrite();
    for (volatile unsigned i = 0; i < 30; i++)
        ;
}

void *malloc(size_t size) { return waste(), honest_malloc(size && size < 100'000 ? 4 * size : size); }
void *realloc(void *block, size_t size) { return waste(), honest_realloc(block, size); }
void free(void *block) { waste(), honest_free(block); }
