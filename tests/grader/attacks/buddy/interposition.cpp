// attack: Defines the recorder, the watchdog, the wrappers and memcpy anew.
// route: calls and symbols
// class: stopped
// verdict: fail
// message: starts empty

#include "mm/buddy.h"

extern "C" {
[[gnu::used]] void *memcpy(void *to, const void *, size_t) { return to; }
[[gnu::used]] void *__wrap__Z8kvmallocj(size_t) { return nullptr; }
[[gnu::used]] int exception(void *) { return 0; }
}
[[gnu::used]] void record_write(const char *, ...) {}
[[gnu::used, gnu::weak]] void watchdog_start(unsigned long long) {}
[[gnu::used]] void panic(const char *, ...) {}
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *, size_t, size_t max, size_t *start) { return *start = 0, max; }
void buddy_free(buddy *, size_t, size_t) {}
