// attack: Overwrites the operation's text on the player's stack with one that no oracle can read, and crashes.
// route: tampering
// class: detected
// verdict: crash
// message: page fault, in buddy_alloc

#include "mm/buddy.h"
#define buddy_alloc honest_alloc
@REFERENCE@
#undef buddy_alloc

size_t buddy_alloc(buddy *, size_t, size_t, size_t *start)
{
    auto text = (char *)start;
    while (text[0] != 'a' || text[1] != 'l' || text[2] != 'l' || text[3] != 'o' || text[4] != 'c')
        text++;
    __builtin_strcpy(text, "alloc x y\033[2J\"");
    return *(volatile size_t *)0x7fff0000;
}
