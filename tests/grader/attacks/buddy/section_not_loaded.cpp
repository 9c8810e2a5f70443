// attack: Registers a lab of its own by a section that is not to be loaded: the linker takes it by its name.
// route: the object
// class: stopped
// verdict: rejected
// message: is no plain name

#include "mm/buddy.h"

struct operation {
    const char *usage, *help;
    void (*play)(void *);
};
static constexpr operation operations[] = {{"init UNITS", "", [](void *) {}}};
static constexpr struct {
    const char *slug, *title;
    const operation *operations;
    size_t n_operations, none[2];
} lab{"buddy", "", operations, 1, {}};
[[gnu::section(".labs,\"\",@progbits#"), gnu::used]] static const void *const mine = &lab;

size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { return *start = 0, max; }
void buddy_free(buddy *, size_t, size_t) {}
