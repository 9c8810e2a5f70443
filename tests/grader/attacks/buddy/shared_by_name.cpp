// attack: Classes and templates with the names of the player's own, so that the linker might keep these functions for both.
// route: calls and symbols
// class: stopped
// verdict: fail
// message: starts empty
// played: starts_empty

#include "mm/buddy.h"

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { return *start = 0, max; }
void buddy_free(buddy *, size_t, size_t) {}

struct call {
    [[gnu::used, gnu::noinline]] void result(const char *, unsigned) {}
    [[gnu::used, gnu::noinline]] void keep(unsigned, unsigned) {}
};
template <typename T> struct fenced {
    [[gnu::used, gnu::noinline]] T *operator&() { return nullptr; }
};
template struct fenced<unsigned>;
