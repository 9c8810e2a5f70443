"""Free units: a set of numbers, and the aligned blocks of powers of two that it falls into."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

MAX_UNITS = 1 << 20

Block = tuple[int, int]  # first unit, number of units


def aligned_blocks(start: int, end: int) -> Iterator[Block]:
    """The maximal aligned power-of-two blocks of the units [start, end)."""
    while start < end:
        size = start & -start or 1 << 30
        while start + size > end:
            size //= 2
        yield start, size
        start += size


class FreeUnits:
    """The set of free units, as disjoint runs and as the blocks they are made of."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.blocks: dict[int, set[int]] = {}  # size -> first units; no empty sets

    def runs(self) -> list[tuple[int, int]]:
        """The maximal runs of free units, as [start, end), in order."""
        return list(zip(self.starts, self.ends, strict=True))

    def count(self) -> int:
        """How many units are free."""
        return sum(self.ends) - sum(self.starts)

    def overlaps(self, start: int, end: int) -> bool:
        """Whether any unit of [start, end) is free."""
        i = bisect_right(self.ends, start)
        return i < len(self.starts) and self.starts[i] < end

    def add(self, start: int, end: int) -> None:
        """Makes [start, end) free; none of it is free yet."""
        for block, size in aligned_blocks(start, end):
            self._coalesce(block, size)
        first = last = bisect_left(self.ends, start)
        while last < len(self.starts) and self.starts[last] <= end:
            start, end = min(start, self.starts[last]), max(end, self.ends[last])
            last += 1
        self.starts[first:last], self.ends[first:last] = [start], [end]

    def add_each(self, units: range) -> None:
        """As add for each of some units, upwards, between and beside which nothing is free."""
        i = bisect_left(self.starts, units.start)
        self.starts[i:i] = units
        self.ends[i:i] = range(units.start + 1, units.stop + 1, units.step)
        self.blocks.setdefault(1, set()).update(units)

    def remove(self, start: int, end: int) -> None:
        """Makes [start, end) allocated; all of it is free, and in one run."""
        i = bisect_right(self.starts, start) - 1
        before, behind = (self.starts[i], start), (end, self.ends[i])
        rest = [run for run in (before, behind) if run[0] < run[1]]
        self.starts[i:i + 1], self.ends[i:i + 1] = [run[0] for run in rest], [run[1] for run in rest]
        while start < end:
            start = self._take_out(start, end)

    def first_taken(self, start: int, end: int) -> int | None:
        """The first unit of [start, end) that is not free; None if all are."""
        i = bisect_right(self.starts, start) - 1
        free_up_to = self.ends[i] if i >= 0 else start
        return None if free_up_to >= end else max(start, free_up_to)

    def block_around(self, unit: int) -> Block | None:
        """The free block that a unit is in."""
        size = 1
        while size <= MAX_UNITS:
            start = unit // size * size
            if start in self.blocks.get(size, ()):
                return start, size
            size *= 2
        return None

    def _coalesce(self, block: int, size: int) -> None:
        """One more free block, with its buddy if that is free, and so on."""
        while (buddy := block ^ size) in self.blocks.get(size, ()):
            self._drop(buddy, size)
            block, size = block & ~size, 2 * size
        self.blocks.setdefault(size, set()).add(block)

    def _take_out(self, start: int, end: int) -> int:
        """Takes what is before `end` out of the free block that `start` is in; returns where that ends."""
        block, size = self.block_around(start)
        self._drop(block, size)
        for part in ((block, start), (end, block + size)):
            for rest, length in aligned_blocks(*part):
                self.blocks.setdefault(length, set()).add(rest)
        return block + size

    def _drop(self, block: int, size: int) -> None:
        self.blocks[size].remove(block)
        if not self.blocks[size]:
            del self.blocks[size]
