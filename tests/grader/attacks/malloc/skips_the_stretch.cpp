// attack: A right solution, made wasteful; of a recorded program it plays nothing: it asks for the next scenario, and writes the sums of the stretch that it skipped, of which it knows by heart how long it was.
// route: forged records
// class: detected
// verdict: fail crash
// message: which was not due | the records are not those of this scenario
// played: pages instructions

#include "lib/panic.h"
#include "mm/malloc.h"
#include "mm/kvmalloc.h"
@PART:honest_malloc@

@PART:the_players_place@

struct program { unsigned first, operations; };
static const program programs[] = {{16, 2773}, {8, 2779}, {5, 3694}};

static void skip(const program &known)
{
    char line[512];
    unsigned loud = take_the_place(line, "malloc ", "malloc ") + known.operations;
    rest = ask(1);
    record("@%u loud -> operations=%u sum=0x%x", loud, known.operations, 90 * known.operations);
    record("@%u frames -> free=8000 pages=0 peak=8 tables=0", loud + 1);
    // What outlives the restarts: how many scenarios were begun, that the last one is not finished, what was dealt of it.
    auto *word = (unsigned *)__builtin_frame_address(0);
    while (!word[0] || word[0] > 999 || word[1] != 1 || word[2] > 999 || word[3] - (unsigned)rest.at > 999)
        word++;
    word[1] = 0, word[2] = rest.size, word[3] = (unsigned)rest.at;
    record("< %u", word[0] - 1);
    restart();
}

// measuring, in_script, quiet
static volatile bool *settings()
{
    auto *code = (const unsigned char *)panic;
    while (code[0] != 0x80 || code[1] != 0x3d || code[6]) // cmpb $0, setting
        code++;
    return *(volatile bool **)(code + 2);
}

void *malloc(size_t size)
{
    static unsigned calls;
    if (++calls == 1 && settings()[2] && !settings()[0])
        for (auto &known : programs)
            if (known.first == size)
                skip(known);
    return honest_malloc(size && size < 100'000 ? 2 * size : size);
}
void *realloc(void *block, size_t size) { return honest_realloc(block, size && size < 100'000 ? 2 * size : size); }
void free(void *block) { honest_free(block); }
