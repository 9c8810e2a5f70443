"""How GDB prints the kernel's own types, instead of their bits."""

from __future__ import annotations

import re
from collections.abc import Iterator

import gdb

from grader.debug import words
from grader.debug.in_gdb import machine


class _Printer:
    def __init__(self, value: gdb.Value) -> None:
        self.value = value


class Address(_Printer):
    """`physical_address`"""

    def to_string(self) -> str:
        return f"physical {machine.number(self.value):#010x}"


class Number(_Printer):
    """`uintptr_t`: an address that is no pointer"""

    def to_string(self) -> str:
        return f"{int(self.value):#x}"


class Entry(_Printer):
    """`pte`: an entry of a page directory or of a page table."""

    def to_string(self) -> str:
        return words.entry(int(self.value["bits"]))


class Table(_Printer):
    """`vpde`: where a page table is mapped."""

    def to_string(self) -> str:
        table = machine.number(self.value["table"])
        return f"page table at {table:#010x}" if table else "no page table"


class Buddy(_Printer):
    """`struct buddy`: what its state looks like, only the student knows."""

    def to_string(self) -> str:
        return (f"{int(self.value['units'])} units, state at "
                f"{machine.number(self.value['state']):#010x}")


class VirtualPages(_Printer):
    """`struct vpallocator`"""

    def to_string(self) -> str:
        start, pages = machine.number(self.value["start"]), int(self.value["pages"]["units"])
        return (f"{pages} pages, {start:#010x} to {start + pages * words.PAGE - 1:#010x}, state at "
                f"{machine.number(self.value['pages']['state']):#010x}")


class Directory(_Printer):
    """`struct pagedir`: of its user part only the page tables that there are."""

    def to_string(self) -> str:
        where = machine.physical(self.value)
        active = ", the active one" if where == machine.register("cr3") & -words.PAGE else ""
        return f"page directory at physical {where:#010x}{active}"

    def children(self) -> Iterator[tuple[str, gdb.Value]]:
        for name in ("directory", "next", "previous"):
            yield name, self.value[name]
        tables = self.value["tables"]
        for i in range(tables.type.range()[1] + 1):
            if tables[i]["table"]:
                yield f"tables[{i}]", tables[i]


class Span(_Printer):
    """`std::span` of a number of elements that the program knows: the elements, not its pointer."""

    _MOST = 32  # elements that are shown: it may not have been set up yet

    def size(self) -> int:
        """How many elements it says that it has."""
        return int(self.value["_M_extent"]["_M_extent_value"])

    def to_string(self) -> str:
        return f"{self.size()} elements at {machine.number(self.value['_M_ptr']):#010x}"

    def children(self) -> Iterator[tuple[str, gdb.Value]]:
        for i in range(min(self.size(), self._MOST)):
            yield f"[{i}]", (self.value["_M_ptr"] + i).dereference()


_DYNAMIC_SPAN = re.compile(r"std::span<.*, (4294967295|18446744073709551615)(u|ul)?>")

_PRINTERS = {"uintptr_t": Number, "physical_address": Address, "pte": Entry, "vpde": Table,
             "buddy": Buddy, "vpallocator": VirtualPages, "pagedir": Directory}


def _printer(value: gdb.Value) -> _Printer | None:
    if _DYNAMIC_SPAN.fullmatch(value.type.strip_typedefs().unqualified().name or ""):
        return Span(value)
    kind = _PRINTERS.get(value.type.unqualified().name) or _PRINTERS.get(
        value.type.strip_typedefs().unqualified().name)
    return kind(value) if kind else None


def register() -> None:
    """Makes GDB use them."""
    gdb.pretty_printers.append(_printer)
