// attack: Weak definitions and aliases of what the kit has: operator new, std::terminate, start, the recorder's variables, one of them common.
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

#include <new>

[[gnu::used, gnu::weak]] void *operator new(std::size_t) { return nullptr; }
[[gnu::used, gnu::weak]] void operator delete(void *) noexcept {}
namespace std
{
[[gnu::used, gnu::weak]] void terminate() noexcept { for (;;); }
} // namespace std
extern "C" {
[[gnu::used, gnu::weak]] void __cxa_pure_virtual() { for (;;); }
[[gnu::used, gnu::weak]] void start() {}
[[gnu::used]] void impostor() {}
[[gnu::visibility("protected"), gnu::alias("impostor")]] void watchdog_stop();
}
[[gnu::used, gnu::weak]] int record_crc = 5;
[[gnu::used]] int tsc_shift = 9;
int player_here [[gnu::common]];
