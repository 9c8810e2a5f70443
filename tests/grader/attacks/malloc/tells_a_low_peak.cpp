// attack: A right solution that takes four times as much memory as it is asked for, and puts the peak that the player knows down at each call.
// route: tampering
// class: detected
// verdict: fail
// message: a peak of
// played: pages

#include "mm/malloc.h"
#include "mm/kvmalloc.h"
@PART:honest_malloc@

@PART:find_code@
// It returns the address of one number, and behind that lies the peak: the address stands behind the first byte.
static const short of_kvmalloc[] = {@CODE:_Z14kvmalloc_pagesv@};

static void lower()
{
    static unsigned *counts = *(unsigned **)((char *)FIND(of_kvmalloc) + 1);
    counts[1] = counts[1] < 90 ? counts[1] : 90;
}

void *malloc(size_t size)
{
    void *block = honest_malloc(size && size < 100'000 ? 4 * size : size);
    return lower(), block;
}
void *realloc(void *block, size_t size)
{
    void *other = honest_realloc(block, size && size < 100'000 ? 4 * size : size);
    return lower(), other;
}
void free(void *block) { honest_free(block), lower(); }
