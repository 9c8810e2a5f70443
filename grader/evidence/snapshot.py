"""A look at the machine while it stands still: its control registers, and its page tables in memory.

None of this comes from the kernel's words: cr3 from the emulator, the tables from the RAM's file.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from operator import itemgetter

PAGE = 4096
PRESENT, WRITABLE, USER = 1, 2, 4
_FRAME = 0xFFFFF000
_ENTRIES = 1024  # of a directory, of a table

# Page tables of the kernel's that hold no page, at most: they stay for ever. All of a machine's memory, side by side,
# takes a third, and blocks that lie worst less than two.
EMPTY_TABLES = 24
_OF_ALL_MEMORY = 8  # page tables
_EMPTY = bytes(PAGE)
_A_PART = 100  # bytes, of Python's, to know one


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


def tables_left(pages: int) -> int:
    """How many page tables more may hold no page once a block of so many was asked for, whether it was had or not."""
    return 1 + min(pages // _ENTRIES, _OF_ALL_MEMORY) if pages >= _ENTRIES else 0


class Memory:
    """A copy of the RAM's first bytes: of those parts where anything may be. What was not `touched` is zero. Only one
    that is `whole` tells that there is no memory at a place. It shares the pages that are `known`, and adds the others
    to them, if these are given."""

    def __init__(self, ram: memoryview, size: int, touched: Iterable[tuple[int, int]],
                 known: dict[bytes, bytes] | None = None) -> None:
        self._size = min(size, len(ram))
        self.whole = size >= len(ram)
        self._parts = [(begin, bytes(ram[begin:min(end, self._size)])) for begin, end in touched if begin < self._size]
        self._shared = 0  # bytes
        if known is not None:
            self._share(known)

    def _share(self, known: dict[bytes, bytes]) -> None:
        before = len(known)
        self._parts = [(begin + at, known.setdefault(page, page)) for begin, part in self._parts
                       for at in range(0, len(part), PAGE) if (page := part[at:at + PAGE])]
        self._shared = PAGE * (len(self._parts) - len(known) + before)

    @property
    def size(self) -> int:
        """The bytes that it takes here, by itself, about."""
        return sum(len(part) for _, part in self._parts) - self._shared + _A_PART * len(self._parts)

    def read(self, address: int, size: int) -> bytes | None:
        """So many bytes from a physical address on; None if not all of them are RAM."""
        if address + size > self._size:
            return None
        nearest = bisect_right(self._parts, address, key=itemgetter(0)) - 1
        begin, part = self._parts[nearest] if nearest >= 0 else (0, b"")
        if address + size <= begin + len(part):
            return part[address - begin:address - begin + size]
        return self._pieced_together(address, size, max(nearest, 0))

    def _pieced_together(self, address: int, size: int, nearest: int) -> bytes:
        found = bytearray(size)
        beyond = bisect_left(self._parts, address + size, key=itemgetter(0))
        for begin, part in self._parts[nearest:beyond]:
            first, last = max(begin, address), min(begin + len(part), address + size)
            if first < last:
                found[first - address:last - address] = part[first - begin:last - begin]
        return bytes(found)

    def words(self, frame: int) -> Sequence[int] | None:
        """The 1024 words of a page; None outside the RAM."""
        found = self.read(frame, PAGE)
        return None if found is None else _words(found)

    def first(self, size: int, known: dict[bytes, bytes] | None = None) -> Memory:
        """What of it lies in the first bytes: all of it, or the pages that hold anything; `known` as above."""
        part = Memory(memoryview(b""), 0, ())
        part._size = min(size, self._size)
        part.whole = self.whole and size >= self._size
        part._parts = self._parts if size >= self._size else [
            (page, held) for begin, whole in self._parts for page in range(begin, min(begin + len(whole), size), PAGE)
            if (held := whole[page - begin:page - begin + PAGE]) != _EMPTY]
        if known is not None:
            part._share(known)
        return part


@dataclass(frozen=True)
class Snapshot:
    """cr0, cr3 and cr4, the active page directory, and the page tables that it leads to, by index.

    A table that lies outside the RAM is missing from `tables`. `log_size` is how many bytes had come over the serial
    line; `idt` where the interrupt table is. `memory` is there only in official runs; `directories` are where the page
    directories in the kernel's list lie, `blocks` what the player of lab 5 has in its table of live ones, at a glance
    that was to see them.
    """

    cr0: int
    cr3: int
    cr4: int
    directory: Sequence[int]
    tables: dict[int, Sequence[int]]
    log_size: int = 0
    idt: int = 0
    memory: Memory | None = None
    directories: tuple[int, ...] = ()
    blocks: bytes = b""

    @classmethod
    def take(cls, registers: dict[str, int], ram: memoryview, log_size: int = 0,
             contents: int = 0, touched: Iterable[tuple[int, int]] | None = None) -> Snapshot:
        """Reads the tables out of the RAM. `registers` has CR0, CR3, CR4, and maybe IDT; `contents` says how many bytes
        of the memory are to be copied, `touched` from where to where anything is in it (None: anywhere)."""
        memory = Memory(ram, contents, [(0, contents)] if touched is None else touched) if contents else None
        return replace(cls.read(registers, lambda frame: _entries(ram, frame), log_size),
                       idt=registers.get("IDT", 0), memory=memory)

    @classmethod
    def of(cls, registers: dict[str, int], memory: Memory, log_size: int, contents: int,
           known: dict[bytes, bytes] | None = None) -> Snapshot:
        """The same of a memory that was copied before; as much of it is kept as `contents` says, but for what is known."""
        return replace(cls.read(registers, memory.words, log_size), idt=registers.get("IDT", 0),
                       memory=memory.first(contents, known) if contents else None)

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

    def behind(self, kernel_base: int, empty: int = EMPTY_TABLES) -> tuple[int, int]:
        """How many pages are mapped behind the kernel's image, which has the first table, and in how many tables. Of
        tables that are `empty`, so many count: any frame of zeros looks like one, where the directory leads to it."""
        held = [sum(entry & PRESENT for entry in table) for index, table in self.tables.items() if index > kernel_base >> 22]
        return sum(held), len(held) - max(0, held.count(0) - empty)

    def in_directory(self, physical: int) -> Snapshot:
        """The same memory, seen through another page directory: it must be among what was looked at."""
        return Snapshot.of({"CR0": self.cr0, "CR3": physical, "CR4": self.cr4}, self.memory, self.log_size, 0)

    @property
    def has_all_memory(self) -> bool:
        """Whether it is seen what lies behind each page; where only some was kept, nobody knows of the rest."""
        return self.memory is not None and self.memory.whole

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
    return _words(bytes(ram[address:address + PAGE])) if address + PAGE <= len(ram) else None


def _words(page: bytes) -> Sequence[int]:
    """The words of a page: as an array, which takes a tenth of the memory that numbers of Python's do."""
    words = array("I", page)
    if sys.byteorder == "big":
        words.byteswap()
    return words
