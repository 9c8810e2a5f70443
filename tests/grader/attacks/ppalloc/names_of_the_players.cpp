// attack: Functions in a section of the kit's player, and one that says it never returns.
// route: the object
// class: stopped
// verdict: fail
// message: one owner

#include "mm/allocation.h"
[[gnu::section(".text.startup"), gnu::hot, gnu::noreturn]] void start_here();
[[gnu::section(".text.unlikely.start"), gnu::used]] void kernel_main() { for (;;) ; }
[[gnu::visibility("protected"), gnu::used]] void player_here() {}
extern "C" [[gnu::used, gnu::weak]] void about_to_play(unsigned) { for (;;) ; }
void ppinit(std::span<const memory_region>, std::span<const physical_range>, void *) {}
size_t ppalloc(size_t, size_t max, uintptr_t *start) { return *start = 0x100000, max; }
void ppfree(uintptr_t, size_t) {}
