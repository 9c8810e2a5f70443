"""What is known of the machine's memory, and whose the kernel's pages are."""

from __future__ import annotations

from grader.judging.free_units import FreeUnits
from grader.judging.memory_map import PAGE
from grader.judging.oracle import Rule


class Memory:
    """What is known of the machine's memory."""

    def __init__(self) -> None:
        self.frames_left: int | None = None  # None: it is not scarce
        self.pages_left: int | None = None
        self.seen: dict[tuple[str, frozenset[int]], int] = {}
        self.in_tables: dict[str, int] = {}  # and what was told of it
        self.after: Rule | None = None  # what is broken if less is left now
        self.kernel_used = False

    def suffices(self, pages: int) -> bool:
        """Whether there is surely enough for an allocator of so many pages: its state, and some more."""
        return self.pages_left is None and (self.frames_left is None or self.frames_left >= self.enough(pages))

    @staticmethod
    def enough(pages: int) -> int:
        """Pages for an allocator of so many: its state, and some more."""
        return (16 * pages + 4096) // PAGE + 8

    @property
    def nothing_left(self) -> bool:
        return 0 in (self.frames_left, self.pages_left)

    @property
    def pages_hoarded(self) -> bool:
        return self.pages_left is not None


class KernelPages:
    """The pages of the kernel's allocator, by their numbers in the address space: those that the scenario `held`, and
    those that it has freed and that nobody can have taken since. All others may be kvmalloc's."""

    def __init__(self) -> None:
        self.held, self.free = FreeUnits(), FreeUnits()

    def are_held(self, address: int, count: int) -> bool:
        """Whether the scenario asked for all of them."""
        page = address // PAGE
        return self.held.first_taken(page, page + count) is None

    def were_freed(self, address: int, count: int) -> bool:
        """Whether one of them is free for certain."""
        return self.free.overlaps(address // PAGE, address // PAGE + count)

    def allocated(self, address: int, count: int) -> None:
        """The scenario got them; what was free elsewhere may be what is left of a block."""
        _move(address // PAGE, count, self.free, self.held)

    def freed(self, address: int, count: int) -> None:
        """They came back."""
        _move(address // PAGE, count, self.held, self.free)

    def may_be_kvmallocs(self) -> None:
        """kvmalloc took some pages that were free."""
        self.free = FreeUnits()


def _move(page: int, count: int, source: FreeUnits, to: FreeUnits) -> None:
    """Some pages change sides, if they are not there already."""
    for start, end in source.runs():
        if max(start, page) < min(end, page + count):
            source.remove(max(start, page), min(end, page + count))
    if not to.overlaps(page, page + count):
        to.add(page, page + count)
