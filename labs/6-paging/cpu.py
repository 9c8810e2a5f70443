"""What the CPU does when the player touches an address, and what is in the memory behind it."""

from __future__ import annotations

from grader.evidence.records import Record
from grader.evidence.snapshot import PAGE, USER, WRITABLE
from grader.judging.oracle import Rule, Violation

from .mapped import Entry
from .rules import RULE
from .spaces import Spaces

FAULT_PRESENT, FAULT_WRITE, FAULT_USER = 1, 2, 4  # of a page fault's error code


class Cpu:
    """Touches in the active directory, and the words of physical memory that the scenario wrote."""

    def __init__(self, spaces: Spaces) -> None:
        self.spaces = spaces
        self.up = False  # the kernel's directory is in use as paging.cpp made it
        self.words: dict[int, int] = {}  # by physical address

    def touch(self, record: Record, write: bool) -> Violation | None:
        """Judges a read or a write, by ring 0 or 3."""
        address, ring = record.arguments[:2]
        known, entry = self.spaces.lookup(self.spaces.active, address)
        if not known or not self.up:
            return None
        error = _fault(entry, ring, write)
        if record.results.get("fault") != error:
            return Violation(self._why(record, entry), _spell_fault(error),
                             _spell_fault(record.results.get("fault")))
        return None if error is not None else self._memory(record, entry, write)

    def poke(self, record: Record) -> None:
        """The player wrote to a physical address."""
        self.words[record.arguments[0]] = record.arguments[1]

    def peek(self, record: Record) -> Violation | None:
        """Judges what the player read at a physical address."""
        expected = self.words.get(record.arguments[0])
        if expected in (None, record.results["value"]):
            return None
        return Violation(RULE.mapping, f"{expected:#x}: what was written there last",
                         f"{record.results['value']:#x}")

    def _memory(self, record: Record, entry: Entry, write: bool) -> Violation | None:
        physical = entry[0] + record.arguments[0] % PAGE
        if write:
            self.words[physical] = record.arguments[2]
            return None
        expected = self.words.get(physical)
        if expected is None or record.results["value"] == expected:
            return None
        return Violation(self._why(record, entry),
                         f"{expected:#x}, what is at the physical address {physical:#x}",
                         f"{record.results['value']:#x}")

    def _why(self, record: Record, entry: Entry | None) -> Rule:
        """The rule that a wrong answer of the CPU most likely breaks."""
        address, ring = record.arguments[:2]
        page = address - address % PAGE
        if not entry:
            return self.spaces.why_not_mapped(self.spaces.active, page)
        fault = record.results.get("fault")
        if fault is None and _fault(entry, ring, record.verb == "write") is None:
            return self.spaces.why_mapped(page)  # another frame
        if fault is not None and not fault & FAULT_PRESENT:
            return self.spaces.why_mapped(page, absent=True)
        return RULE.open_to_ring_3


def _fault(entry: Entry | None, ring: int, write: bool) -> int | None:
    """The error code of the page fault that a touch must cause; None if it must not."""
    flags = entry[1] if entry else 0
    if entry and (ring == 0 or flags & USER) and (not write or flags & WRITABLE):
        return None
    return ((FAULT_PRESENT if entry else 0) | (FAULT_WRITE if write else 0)
            | (FAULT_USER if ring == 3 else 0))


def _spell_fault(error: int | None) -> str:
    if error is None:
        return "no fault"
    words = ("the page is present" if error & FAULT_PRESENT else "the page is not present",
             "writing" if error & FAULT_WRITE else "reading",
             "ring 3" if error & FAULT_USER else "ring 0")
    return f"a page fault, error code {error} ({', '.join(words)})"
