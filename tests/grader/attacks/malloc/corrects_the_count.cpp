// attack: Never gives a page back, and corrects the player's count of those that it has.
// route: tampering
// class: detected
// verdict: fail
// message: 16 pages
// played: gives_pages_back

#include "mm/kvmalloc.h"
#include <stdint.h>

static size_t taken, most; // as the player counts

// The two numbers side by side, somewhere above the stack.
static void correct_the_count(size_t n_pages)
{
    auto word = (size_t *)((uintptr_t)__builtin_frame_address(0) + 4096 & -4096u);
    while (word == &taken || word[0] != taken || word[1] != most)
        word++;
    word[0] -= n_pages, taken -= n_pages;
}

static void *counting_kvmalloc(size_t n_pages)
{
    void *pages = kvmalloc(n_pages);
    taken += pages ? n_pages : 0;
    most = taken > most ? taken : most;
    return pages;
}
#define kvmalloc counting_kvmalloc
#define kvfree(address, n_pages) correct_the_count(n_pages)
@REFERENCE@
