// attack: A right solution, made wasteful; of a recorded program it plays nothing: it asks for the next scenario, and writes the sums of the stretch that it skipped, of which it knows by heart how long it was.
// route: forged records
// class: detected
// verdict: fail crash
// message: which was not due | the records are not those of this scenario
// played: pages instructions

#include "mm/malloc.h"
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

@PART:the_players_place@

struct program { unsigned first, second, between, operations; };
static const program programs[] = {{16, 48, 2, 2773}, {8, 48, 1, 2779}, {5, 472, 2, 3694}};

static void skip(const program &known, unsigned now)
{
    unsigned loud = now - known.between + known.operations;
    rest = ask(1);
    record("@%u loud -> operations=%u sum=0x%x", loud, known.operations, 90 * known.operations);
    record("@%u kvpages -> pages=0 peak=8 tables=0", loud + 1);
    record("@%u frames -> free=7000 pages=0 peak=8 tables=0", loud + 2);
    go_on_behind();
    restart();
}

void *malloc(size_t size)
{
    static unsigned calls, first;
    calls++;
    if (calls == 1)
        first = size;
    if (calls == 2)
        for (auto &known : programs)
            if (known.first == first && known.second == size) {
                char line[512];
                skip(known, take_the_place(line, "malloc ", "realloc "));
            }
    return honest_malloc(size && size < 100'000 ? 4 * size : size);
}
void *realloc(void *block, size_t size) { return honest_realloc(block, size && size < 100'000 ? 4 * size : size); }
void free(void *block) { honest_free(block); }
