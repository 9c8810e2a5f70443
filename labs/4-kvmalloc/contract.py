"""The numbers of kernel/mm/kvmalloc.h, as data: where something else begins, and the largest."""

from __future__ import annotations

from grader.scenarios.pairs import around, powers

GUARDS = 2  # virtual pages that a block may take beside its own

# Pages of one call. A page table has 1024; of 8192 frames most are there to be had.
SMALL = (*around(*powers(0, 7), lowest=1), 511, 513)
LARGE = (1023, *around(1024), 2049, *around(4096), 5001, 7001)
IMPOSSIBLE = (*around(1 << 20), (1 << 20) + 2, (1 << 31) + 1, *range((1 << 32) - 3, 1 << 32))

# Of the kernel's addresses no more are left, side by side: a block, and two more.
ADDRESSES = powers(2, 12)

RUNS = 1100  # of frames, in one block
LIVE = 2100  # blocks at a time
HALF_OF_MOST = (4500, 6500)  # frames, where 7001 are asked for: so many have to come back

# Where the kernel's range begins: then a block's first pages lie in another page table than the rest.
BORDERS = (0xFEFFD000, 0xFEFFE000, 0xFEFFF000)

ERRORS = 7  # that map_mem may answer with, one after the other (`errors`)
ADJACENT = 6  # frames side by side, of which a few are free
