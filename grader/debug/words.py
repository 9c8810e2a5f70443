"""Page tables in words: what an entry says, and how an address is translated, step by step.

Everything is read from physical memory as the CPU's own page walk would read it. A CPU that was not
told of a change may still translate by what its TLB remembers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

PRESENT, WRITABLE, USER = 1, 2, 4
PAGE = 4096
_FRAME = 0xFFFFF000
# In the order of the bits (Intel SDM vol. 3, tables 4-5 and 4-6): set, and clear where that matters.
_FLAGS = ((PRESENT, "present", "not present"), (WRITABLE, "writable", "read-only"),
          (USER, "user", "kernel only"), (8, "write-through", ""), (16, "uncached", ""),
          (32, "accessed", ""), (64, "dirty", ""), (128, "bit 7 (4 MiB page)", ""),
          (256, "global", ""))

# The word at a physical address; None where there is no memory.
Reader = Callable[[int], "int | None"]


def flags(entry: int) -> str:
    """An entry's flags: `present, writable, user, accessed`."""
    if not entry & PRESENT:
        return "not present"
    words = (is_set if entry & bit else clear for bit, is_set, clear in _FLAGS)
    return ", ".join(word for word in words if word)


def entry(bits: int) -> str:
    """An entry of a page directory or page table: `0x001de000: present, writable, user`."""
    return f"{bits & _FRAME:#010x}: {flags(bits)}" if bits & PRESENT else flags(bits)


def rights(directory_entry: int, table_entry: int) -> str:
    """What both entries together allow, to ring 0 (with CR0.WP set) and to ring 3."""
    both = directory_entry & table_entry
    access = "read and write" if both & WRITABLE else "only read"
    ring_3 = access if both & USER else "not touch it"
    return f"ring 0 may {access}, ring 3 may {ring_3}"


@dataclass(frozen=True)
class Walk:
    """How an address is translated from a page directory. `physical` is None if it is not."""

    address: int
    directory: int  # physical address
    directory_entry: int | None
    table_entry: int | None
    physical: int | None

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        """The steps, a line each."""
        i, j = self.address >> 22, self.address >> 12 & 1023
        yield (f"{self.address:#010x} = directory entry {i}, table entry {j}, "
               f"byte {self.address % PAGE:#x} of the page")
        yield f"  directory   {self.directory:#010x}"
        yield from self._step(f"entry {i}", self.directory + 4 * i, self.directory_entry, "table")
        if self.directory_entry and self.directory_entry & PRESENT:
            table = self.directory_entry & _FRAME
            yield from self._step(f"entry {j}", table + 4 * j, self.table_entry, "page")
        if self.physical is not None:
            yield (f"  so          {self.physical:#010x}; "
                   f"{rights(self.directory_entry, self.table_entry)}")

    @staticmethod
    def _step(name: str, where: int, bits: int | None, what: str) -> Iterator[str]:
        if bits is None:
            yield f"  {name:<12}at {where:#010x}: there is no memory"
        elif bits & PRESENT:
            yield f"  {name:<12}at {where:#010x}: {what} {entry(bits)}"
        else:
            yield f"  {name:<12}at {where:#010x}: {bits:#x}, not present: every access is a page fault"


def walk(address: int, directory: int, read: Reader) -> Walk:
    """Translates an address as the CPU does without a TLB. `directory` is physical: cr3."""
    address &= 0xFFFFFFFF
    directory &= _FRAME
    first = read(directory + 4 * (address >> 22))
    second = physical = None
    if first is not None and first & PRESENT:
        second = read((first & _FRAME) + 4 * (address >> 12 & 1023))
        if second is not None and second & PRESENT:
            physical = second & _FRAME | address % PAGE
    return Walk(address, directory, first, second, physical)


def note(name: str, pointer: int, physical: int | None, directory_entry: int) -> str:
    """What the kernel remembers of a page table (`name` is its vpde, `pointer` what that holds, at the
    physical address `physical`), against the directory's entry for it."""
    head = f"  {name + '.table':<24} = {pointer:#010x}: "
    if not directory_entry & PRESENT:
        return head + ("no page table, as the entry says" if not pointer
                       else "a page table that the entry does not lead to")
    if not pointer:
        return head + "the kernel does not know the page table that the entry leads to"
    if physical is None:
        return head + "nothing is mapped there"
    if physical == directory_entry & _FRAME:
        return head + "that page table"
    return head + f"that is physical {physical:#010x}, another frame"
