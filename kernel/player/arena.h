#pragma once

#include "player/fence.h"

#include <stddef.h>
#include <stdint.h>

// Memory that the player lends to the code under test, before there is an allocator to take it
// from: up to 16 MiB and a page at a user address of the initial page directory, between pages that
// are not there. Running over its end is a page fault, or shows in arena_damage.

constexpr size_t arena_capacity = 16 * 1024 * 1024 + 4096;

// `size` bytes, aligned to 16, full of junk, so that what was lent before is gone. The end of the
// memory lies, but for the alignment, at a page's end. Null if the machine has no room for it.
void *arena_lend(size_t size);

// What was changed of the bytes around the memory lent: up to 15 behind it and 64 before it, as
// many as their pages have.
damage arena_damage();

// Where the memory lent ends, if the address lies not far behind that; else 0.
uintptr_t arena_end_before(uintptr_t address);
