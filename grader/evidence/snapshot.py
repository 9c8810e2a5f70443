"""A look at the machine while it stands still: its control registers, and its page tables in memory.

None of this comes from the kernel's words: cr3 from the emulator, the tables from the RAM's file.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

PAGE = 4096
PRESENT, WRITABLE, USER = 1, 2, 4
_FRAME = 0xFFFFF000
_ENTRIES = 1024  # of a directory, of a table
_EMPTY = bytes(PAGE)


@dataclass(frozen=True)
class Run:
    """Pages side by side that are mapped to frames side by side, with the same effective rights.

    `flags` has PRESENT, and WRITABLE and USER where both the directory's and the table's entries do.
    """

    virtual: int
    physical: int
    pages: int
    flags: int

    def __str__(self) -> str:
        rights = ("w" if self.flags & WRITABLE else "r") + ("u" if self.flags & USER else "k")
        end = self.virtual + self.pages * PAGE - 1
        return f"{self.virtual:#010x}-{end:#010x} -> {self.physical:#010x} {rights}"


def in_runs(pages: Iterable[tuple[int, int, int]]) -> Iterator[Run]:
    """Pages (virtual address, frame, flags), by ascending addresses, put together into runs."""
    virtual = physical = flags = count = 0
    for page in pages:
        if count and page == (virtual + count * PAGE, physical + count * PAGE, flags):
            count += 1
            continue
        if count:
            yield Run(virtual, physical, count, flags)
        (virtual, physical, flags), count = page, 1
    if count:
        yield Run(virtual, physical, count, flags)


class Memory:
    """A copy of the RAM's first bytes: of the pages that hold anything. The others need not be `touched`."""

    def __init__(self, ram: memoryview, size: int, touched: Iterable[tuple[int, int]]) -> None:
        self._size = min(size, len(ram))
        pages = ((start, bytes(ram[start:start + PAGE]))
                 for begin, end in touched for start in range(begin, min(end, self._size), PAGE))
        self._pages = {start: page for start, page in pages if page != _EMPTY}

    @property
    def size(self) -> int:
        """The bytes that it takes here."""
        return PAGE * len(self._pages)

    def read(self, address: int, size: int) -> bytes | None:
        """So many bytes from a physical address on; None if not all of them are RAM."""
        if address + size > self._size:
            return None
        first = address - address % PAGE
        pages = [self._pages.get(page, _EMPTY) for page in range(first, address + size, PAGE)]
        return b"".join(pages)[address - first:address - first + size]


@dataclass(frozen=True)
class Snapshot:
    """cr0, cr3 and cr4, the active page directory, and the page tables that it leads to, by index.

    A table that lies outside the RAM is missing from `tables`. `log_size` is how many bytes had come
    over the serial line; `idt` where the interrupt table is. `memory` is there only in official runs.
    """

    cr0: int
    cr3: int
    cr4: int
    directory: Sequence[int]
    tables: dict[int, Sequence[int]]
    log_size: int = 0
    idt: int = 0
    memory: Memory | None = None

    @classmethod
    def take(cls, registers: dict[str, int], ram: memoryview, log_size: int = 0,
             contents: int = 0, touched: Iterable[tuple[int, int]] | None = None) -> Snapshot:
        """Reads the tables out of the RAM. `registers` has CR0, CR3, CR4, and maybe IDT; `contents`
        says how many bytes of the memory are to be copied, `touched` from where to where anything is in it (None: anywhere)."""
        memory = Memory(ram, contents, [(0, contents)] if touched is None else touched) if contents else None
        return replace(cls.read(registers, lambda frame: _entries(ram, frame), log_size),
                       idt=registers.get("IDT", 0), memory=memory)

    @classmethod
    def read(cls, registers: dict[str, int], page: Callable[[int], Sequence[int] | None],
             log_size: int = 0) -> Snapshot:
        """The same, of a machine whose memory is seen page by page: `page` has the 1024 words of one,
        by its physical address, or None outside the RAM."""
        read = cache(page)  # junk often has the same table many times
        directory = read(registers["CR3"] & _FRAME) or (0,) * _ENTRIES
        tables = {}
        for index, entry in enumerate(directory):
            if entry & PRESENT and (table := read(entry & _FRAME)):
                tables[index] = table
        return cls(registers["CR0"], registers["CR3"], registers["CR4"], directory, tables,
                   log_size)

    @property
    def size(self) -> int:
        """The bytes that it takes here, about."""
        tables = {id(table) for table in self.tables.values()}
        return PAGE * (1 + len(tables)) + (self.memory.size if self.memory else 0)

    def page(self, address: int) -> tuple[int, int] | None:
        """The frame and the effective flags of the page at a virtual address; None: not mapped."""
        index, slot = address >> 22, address >> 12 & 1023
        entry = self.tables[index][slot] if index in self.tables else 0
        if not entry & PRESENT:
            return None
        return entry & _FRAME, PRESENT | entry & self.directory[index] & (WRITABLE | USER)

    def at(self, address: int, size: int) -> bytes | None:
        """So many bytes from a virtual address on; None if not all are mapped to RAM."""
        found = []
        while size > 0:
            part = min(size, PAGE - address % PAGE)
            page = self.page(address)
            piece = self.memory.read(page[0] + address % PAGE, part) if page else None
            if piece is None:
                return None
            found.append(piece)
            address, size = address + part, size - part
        return b"".join(found)

    def word(self, address: int) -> int | None:
        """The 32 bits at a virtual address; None if there is no memory."""
        found = self.at(address, 4)
        return None if found is None else int.from_bytes(found, "little")

    def pages(self, first: int = 0, last: int = 1023) -> Iterator[tuple[int, int, int]]:
        """Every page mapped by the directory's entries from `first` to `last`: virtual address,
        frame, effective flags."""
        for index in range(first, last + 1):
            rights = self.directory[index] & (WRITABLE | USER)
            base = index << 22
            for slot, entry in enumerate(self.tables.get(index, ())):
                if entry & PRESENT:
                    yield base | slot << 12, entry & _FRAME, PRESENT | entry & rights

    def runs(self, first: int = 0, last: int = 1023) -> list[Run]:
        """The same pages, put together into runs."""
        return list(in_runs(self.pages(first, last)))


def _entries(ram: memoryview, address: int) -> Sequence[int] | None:
    """The words of a page: as an array, which takes a tenth of the memory that numbers of Python's do."""
    if address + PAGE > len(ram):
        return None
    words = array("I", bytes(ram[address:address + PAGE]))
    if sys.byteorder == "big":
        words.byteswap()
    return words
