#pragma once

#include "mm/pte.h"

#include <stdint.h>

// What the page tables in memory say, whatever the kernel or the CPU knows of them.

// The page of an address, as a page directory maps it: its frame, and those of the rights that both
// entries have. All zeros if it is not mapped.
pte walk(physical_address directory, uintptr_t address);

// The page translations that the CPU may still know: because the player touched the page in the
// active directory, as the tables had it then, or when the CPU was last told to forget it. (An
// emulator's CPU forgets sooner than others do, and reads no tables ahead.)
namespace remembered
{

// The page was touched, and that was allowed; or it was not, and then the CPU knows nothing of it.
void touched(uintptr_t address);
void refused(uintptr_t address);

// Whether one of them is not what the tables say; if so, which page's, and whether the CPU was told
// to forget it in this operation: before its entry changed, that is.
bool any_stale(uintptr_t &page, bool &told);

// What the CPU is told from here on belongs to the next operation.
void next_operation();

} // namespace remembered
