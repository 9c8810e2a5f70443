"""Ranges of addresses: what vpcreate may be asked for, and which of their pages are free."""

from __future__ import annotations

from typing import NamedTuple

from grader.judging.memory_map import PAGE
from grader.judging.oracle import Rule
from grader.judging.unit_words import Spelling
from grader.judging.units import Origin, UnitAllocator

from .rules import RULE

# Whatever KERNEL_BASE is, addresses below the one are the user's, from the other on the kernel's.
LOWEST_KERNEL_BASE = 0x40000000
HIGHEST_KERNEL_BASE = 0xFC000000


class Space(UnitAllocator):
    """The allocator of a range of addresses, all of it available but page 0."""

    def __init__(self, start: int, pages: int) -> None:
        super().__init__(pages, RULE, Spelling("page", start, PAGE))
        self.start = start
        first = 1 if start == 0 else 0
        self.make_available(first, pages, Origin("available from the beginning",
                                                 RULE.every_page_of_the_range_can_be_had))

    def unit(self, address: int) -> int:
        """The page at an address; one outside the range has a number outside, too."""
        return (address - self.start) // PAGE

    def has_null_page(self, address: int) -> bool:
        """Whether the page at this address is the one at 0, and of this range."""
        return self.start == 0 == address

    def why_taken(self, unit: int) -> tuple[Rule, str]:
        """Page 0 is a case of its own."""
        if self.start == 0 and unit == 0:
            return RULE.page_0_is_never_handed_out, "the page at address 0 never is"
        return super().why_taken(unit)


class Range(NamedTuple):
    """What vpcreate is asked for."""

    start: int
    pages: int

    @property
    def end(self) -> int:
        """The address behind its last page."""
        return self.start + self.pages * PAGE

    def is_valid(self, kernel_base: int | None) -> bool | None:
        """Whether vpcreate has to take it; None if kernel_base would have to be known."""
        if self.pages == 0 or self.start % PAGE:
            return False
        if self.end <= (kernel_base or LOWEST_KERNEL_BASE):
            return True
        return False if self.end > (kernel_base or HIGHEST_KERNEL_BASE) else None

    def why_not(self, kernel_base: int | None) -> str:
        """Why it has not to."""
        if self.pages == 0:
            return "the range is empty"
        if self.start % PAGE:
            return f"{self.start:#x} is no multiple of 4096"
        return f"the range ends at {self.end:#x}, user addresses at {kernel_base or HIGHEST_KERNEL_BASE:#x}"
