// attack: Gives no frame back, and leads the player's count of the free ones to a function of its own, by a pointer among the player's variables.
// route: tampering
// class: detected
// verdict: fail crash hang
// message: 
// played: separate_blocks gives_back unmaps no_frames

#include "mm/allocation.h"
#define ppfree kept
static void kept(uintptr_t, size_t);
@REFERENCE@
#undef ppfree

static unsigned n_kept, lent;
static bool is_led;
constexpr uintptr_t nowhere = 0xf0000000;

static size_t count(size_t min, size_t max, uintptr_t *start)
{
    size_t found = ppalloc(min, max, start);
    if (found || lent || !n_kept)
        return found;
    *start = nowhere;
    return lent = n_kept;
}

static void uncount(uintptr_t start, size_t n_pages)
{
    if (start < nowhere)
        ppfree(start, n_pages);
    else
        lent -= n_pages;
}

// The player's pair of pointers, among the data of the image: before these or behind them.
static unsigned among[2] = {1, 2};

static void lead()
{
    auto *word = among;
    for (unsigned i = 0; word[0] != (unsigned)ppalloc || word[1] != (unsigned)ppfree; i++)
        word = i % 2 ? among + i / 2 : among - i / 2;
    word[0] = (unsigned)count, word[1] = (unsigned)uncount;
    is_led = true;
}

static void kept(uintptr_t, size_t n_pages)
{
    if (!is_led)
        lead();
    n_kept += n_pages;
}
