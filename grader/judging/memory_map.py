"""Memory maps as ppinit gets them, and which of their pages are usable (kernel/mm/allocation.h)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from grader.judging.free_units import aligned_blocks

PAGE = 4096
FOUR_GIB = 1 << 32
AVAILABLE = 1

Range = tuple[int, int]  # [first, end), in pages or in bytes


@dataclass(frozen=True)
class Region:
    """A region of a memory map."""

    base: int
    length: int
    type: int

    @property
    def end(self) -> int:
        """The address behind it."""
        return self.base + self.length

    @property
    def available(self) -> bool:
        """Whether it is memory that may be handed out."""
        return self.type == AVAILABLE


def inside(start: int, end: int) -> Range:
    """The pages that lie wholly in the bytes [start, end)."""
    return -(-start // PAGE), end // PAGE


def touched(start: int, end: int) -> Range:
    """The pages that the bytes [start, end) touch; none if there are no bytes."""
    return (start // PAGE, -(-end // PAGE)) if start < end else (0, 0)


@dataclass
class MemoryMap:
    """A memory map and the ranges reserved in it: what ppinit is given."""

    regions: list[Region] = field(default_factory=list)
    reserved: list[Range] = field(default_factory=list)

    @property
    def pages(self) -> int:
        """How many pages the allocator manages: pp_pages."""
        ends = [min(r.end, FOUR_GIB) for r in self.regions if r.available and r.base < FOUR_GIB]
        return max(ends, default=0) // PAGE

    def usable(self) -> list[Range]:
        """The usable pages, as disjoint runs, in order."""
        limit = self.pages
        covered = union(inside(r.base, r.end) for r in self.regions if r.available)
        obstacles = union([*(touched(r.base, r.end) for r in self.regions if not r.available),
                           *(touched(*r) for r in self.reserved)])
        return [(first, min(end, limit)) for first, end in without(covered, obstacles)
                if first < limit]

    def blocks(self) -> list[int]:
        """The sizes of the free blocks that a buddy allocator of the usable pages begins with.

        From the largest to the smallest: asked for in this order they take everything.
        """
        return sorted((size for run in self.usable() for _, size in aligned_blocks(*run)),
                      reverse=True)


def union(ranges: Iterable[Range]) -> list[Range]:
    """What the ranges cover, as disjoint runs, in order."""
    runs: list[Range] = []
    for first, end in sorted(r for r in ranges if r[0] < r[1]):
        if runs and first <= runs[-1][1]:
            runs[-1] = runs[-1][0], max(end, runs[-1][1])
        else:
            runs.append((first, end))
    return runs


def without(runs: list[Range], obstacles: list[Range]) -> Iterator[Range]:
    """What is left of disjoint runs where there are no obstacles, in order."""
    for first, end in runs:
        for a, b in obstacles:
            if b <= first or end <= a:
                continue
            if first < a:
                yield first, a
            first = b
        if first < end:
            yield first, end
