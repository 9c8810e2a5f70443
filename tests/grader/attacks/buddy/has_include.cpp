// attack: Asks by __has_include whether the kit or the host can be seen.
// route: reading while compiling
// class: stopped
// verdict: build
// message: nothing to be seen

#include "mm/buddy.h"
#if __has_include("@KIT@/solutions/mm/buddy.cpp") || __has_include("@KIT@/labs/1-buddy/oracle.py") || \
    __has_include("/etc/hostname") || __has_include("/root/.bashrc") || \
    __has_include("/marionette/kernel/player/player.cpp") || __has_include("@SECRET@")
#else
#error nothing to be seen
#endif
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { return *start = 0, max; }
void buddy_free(buddy *, size_t, size_t) {}
