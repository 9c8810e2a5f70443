"""Small worlds: what every request gets of an allocator of up to 8 units, whichever of them are free.

The record of `world UNITS FREE MIN` has an answer for each max from 0 to UNITS + 1: bytes from the
lowest on, the count in the upper four bits and the start in the lower. The first is the request's, the
others are those of requests for 1 to UNITS, which take what is left; 0 is nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from grader.evidence.records import Record
from grader.judging.free_units import aligned_blocks
from grader.judging.oracle import Violation
from grader.judging.units import Origin, UnitAllocator

Answer = tuple[int, int]  # count, start


def violation(record: Record, new: Callable[[int], UnitAllocator]) -> Violation | None:
    """What breaks the contract first in the record of a world. `new` makes allocators to judge with."""
    units, free, low = record.arguments
    for high, packed in enumerate(record.results.values()):
        if not _right(units, free, low, high, packed):
            return _first_wrong(new(units), record, high, packed)
    return None


def _right(units: int, free: int, low: int, high: int, packed: int) -> bool:
    for count, start in _answers(packed):
        wanted, starts = _wanted(free, low, high)
        if count != wanted or (count and start not in starts):
            return False
        free &= ~(((1 << count) - 1) << start)
        low, high = 1, units
    return True


def _answers(packed: int) -> Iterator[Answer]:
    """The request's, and the others up to the one that got nothing."""
    yield packed >> 4 & 15, packed & 15
    while packed := packed >> 8:
        yield packed >> 4 & 15, packed & 15
    yield 0, 0


@lru_cache(maxsize=None)
def _wanted(free: int, low: int, high: int) -> tuple[int, frozenset[int]]:
    """How many units a request has to get, and from where on: any of these will do."""
    blocks = [block for start, end in runs(free) for block in aligned_blocks(start, end)]
    sizes = [size for _, size in blocks]
    if not sizes or high == 0 or low > high:
        return 0, frozenset()
    size = min((size for size in sizes if size >= high), default=max(sizes))
    if size < low:
        return 0, frozenset()
    return min(size, high), frozenset(start for start, length in blocks if length == size)


def runs(free: int) -> Iterator[tuple[int, int]]:
    """The runs of units whose bits are set, as [start, end)."""
    start = 0
    while free >> start:
        while not free >> start & 1:
            start += 1
        end = start
        while free >> end & 1:
            end += 1
        yield start, end
        start = end


def _first_wrong(judge: UnitAllocator, record: Record, high: int, packed: int) -> Violation | None:
    units, free, low = record.arguments
    for start, end in runs(free):
        judge.make_available(start, end, Origin(f"freed before max {high} was tried"))
    for count, start in _answers(packed):
        found = judge.allocated((low, high), count, start if count else None, record.number)
        if found:
            return Violation(found.rule, f"of {low} to {high} units: {found.expected}", found.seen)
        low, high = 1, units
    return None
