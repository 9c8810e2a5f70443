"""The numbers of kernel/mm/paging.h, as data: for what a function is given, and for what grows, where
something else begins, and the largest. `cases` makes scenarios of them."""

from __future__ import annotations

from grader.scenarios.pairs import around, powers

PAGE = 4096
ENTRIES = 1024  # of a table
SPAN = ENTRIES * PAGE

FLAGS = range(8)  # all sets of present, writable, user: without present it is unmapping
MAPPING = (1, 3, 5, 7)

# Pages of one call: few; about as many as are flushed one by one; a table and its neighbours.
PAGES = (1, 2, 3, *around(32), 65, 128, *around(ENTRIES))
FLUSHED = sorted({n for power in powers(1, 11) for n in around(power)})  # pages of one call, all known to the CPU
ALL_MEMORY = (7000, 7900)  # pages of one call, nearly as many as the machine has frames
SLOTS = (0, 1, 512, ENTRIES - 2, ENTRIES - 1)  # of the first of them, in its table
USER_TABLES = (0, 1, 511)  # the last one ends at 2 GiB, where numbers with a sign become negative
LEFT = sorted({n for power in powers(0, 9) for n in around(power) if n}, reverse=True)  # pages of a table, after the others went

# Pages of a call that can't be: 2^20 are all there are; times 4096 in 32 bits these are few again.
LENGTHS = (0, 1, 2, 3, *around(1 << 20), (1 << 31) + 1, (1 << 32) - 1)
OFFSETS = (0, 1, PAGE // 2, PAGE - 1)  # of an address in its page
TOP = (1 << 32) - PAGE  # the last page
IMAGE = 0x100000  # the frame where the kernel's image begins: there to be read

FAR = (*around(1 << 15), *around(1 << 16))  # pages of one call, of which hardly any has a page table
TABLES = (1, 2, 3, 9, 17, 66, 131)  # that one call makes
VERY_MANY_TABLES = 300  # the same: more than a byte counts, of more than 2^18 pages
MANY_TABLES = 70  # of one directory
CROWDS = tuple(n + 1 for n in powers(4, 8)) + (300,)  # directories, when a page table of the kernel is made

# Where the kernel's range begins, for a directory's memory, or a table's, to lie where the kernel has
# no page table yet: its first pages come from the range's end and its beginning.
BORDERS = (0xFEFFD000, 0xFEFFE000, 0xFEFFF000)
