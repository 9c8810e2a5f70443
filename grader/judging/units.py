"""Allocators of units, judged: what kernel/mm/buddy.h promises, whatever a unit stands for.

The buddy allocator hands out units; ppalloc and vpalloc do the same with pages, "as buddy_alloc
does with units, in every respect". What they have in common is here; a lab's oracle adds its own.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace

from grader.judging.oracle import Rule, Violation, rules

BUDDY_RULES = rules(
    "kernel/mm/buddy.h",
    one_owner="Allocates between `min` and `max` consecutive units. "
              "Returns how many, and writes the first of them to *start.",
    never_more_than_max="Allocates between `min` and `max` consecutive units.",
    never_less_than_min="Allocates between `min` and `max` consecutive units.",
    smallest_sufficient_block="If a free block has `max` units or more: takes the smallest such "
                              "block, keeps its first `max` units",
    max_if_it_can_be_had="If a free block has `max` units or more: takes the smallest such block, "
                         "keeps its first `max` units and frees the rest of it again. "
                         "Returns `max`.",
    the_rest_is_freed_again="keeps its first `max` units and frees the rest of it again.",
    coalescing="No two free blocks are buddies, whatever was allocated and freed before.",
    largest_block="takes the whole of the largest free block, if it has `min` units or more, and "
                  "returns its size.",
    nothing_to_be_had="returns 0, and leaves *start and the allocator as they were.",
    strange_requests="A `min` of 0 counts as 1. If `max` is 0, or `min` is greater than `max`, it "
                     "returns 0.",
    freed_units_are_available="Makes the units from `start` to `start + count - 1` available, and "
                              "coalesces.",
    double_free_panics="Panics if any of the units is free already, or does not exist. "
                       "Then nothing is changed.",
)

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
        i = bisect_left(self.ends, start)
        first = i
        while i < len(self.starts) and self.starts[i] <= end:
            start, end = min(start, self.starts[i]), max(end, self.ends[i])
            i += 1
        self._replace(first, i, [(start, end)])

    def remove(self, start: int, end: int) -> None:
        """Makes [start, end) allocated; all of it is free, and in one run."""
        i = bisect_right(self.starts, start) - 1
        run = self.starts[i], self.ends[i]
        rest = [part for part in ((run[0], start), (end, run[1])) if part[0] < part[1]]
        self._replace(i, i + 1, rest)

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

    def _replace(self, first: int, last: int, runs: list[tuple[int, int]]) -> None:
        for start, end in zip(self.starts[first:last], self.ends[first:last], strict=True):
            for block, size in aligned_blocks(start, end):
                self.blocks[size].remove(block)
                if not self.blocks[size]:
                    del self.blocks[size]
        for start, end in runs:
            for block, size in aligned_blocks(start, end):
                self.blocks.setdefault(size, set()).add(block)
        self.starts[first:last] = [start for start, _ in runs]
        self.ends[first:last] = [end for _, end in runs]


@dataclass(frozen=True)
class Spelling:
    """How units are called: by their numbers, or, if each covers `size` addresses, by those."""

    noun: str = "unit"
    origin: int = 0
    size: int = 1

    def one(self, unit: int) -> str:
        """A unit: `5`, or `0x5000`."""
        return str(unit) if self.size == 1 else f"{self.origin + unit * self.size:#x}"

    def block(self, start: int, count: int) -> str:
        """A run: `4-7`, or `0x4000-0x7fff`."""
        if self.size == 1:
            return f"{start}-{start + count - 1}" if count > 1 else str(start)
        first = self.origin + start * self.size
        return f"{first:#x}-{first + count * self.size - 1:#x}"

    def run(self, start: int, count: int) -> str:
        """A run in a sentence: `units 4 to 7`, `unit 4`, or `0x4000-0x7fff`."""
        if self.size > 1:
            return self.block(start, count)
        return f"{self.noun}s {start} to {start + count - 1}" if count > 1 else self.unit(start)

    def many(self, count: int) -> str:
        """A number of units: `1 page`, `3 pages`."""
        return f"{count} {self.noun}" if count == 1 else f"{count} {self.noun}s"

    def unit(self, unit: int) -> str:
        """A unit with its noun: `page 0x5000`."""
        return f"{self.noun} {self.one(unit)}"


@dataclass(frozen=True)
class Origin:
    """What made units free; `rule` is what an allocator breaks that doesn't know them."""

    what: str
    rule: Rule | None = None
    rest: bool = False  # of a block that was allocated from


class UnitAllocator:
    """Follows one allocator of units, and judges each request and each free.

    `rule` has the rules of BUDDY_RULES under their names; a lab may put its own in their place.
    """

    def __init__(self, units: int, rule: SimpleNamespace, spelling: Spelling = Spelling()) -> None:
        self.units = units
        self.rule = rule
        self.spelling = spelling
        self.free = FreeUnits()
        self.history: list[tuple[Origin, int, int]] = []  # what made [start, end) free, and when
        self.wrong_frees: list[Block] = []  # those that had to panic, and change nothing

    def make_available(self, start: int, end: int, origin: Origin) -> None:
        """The units [start, end), none of them free, are free from now on."""
        if start < end:
            self.free.add(start, end)
            self.history.append((origin, start, end))

    def freed(self, start: int, count: int, number: int) -> None:
        """Operation `number` has freed units."""
        self.make_available(start, start + count, Origin(f"freed by operation {number}"))

    def must_panic(self, start: int, count: int) -> Rule | None:
        """The rule by which freeing these units, now, has to panic, if it has to."""
        if count == 0:
            return None
        if start < 0 or start + count > self.units or self.free.overlaps(start, start + count):
            self.wrong_frees.append((start, count))
            return self.rule.double_free_panics
        return None

    def allocated(self, request: tuple[int, int], count: int, start: int | None,
                  number: int) -> Violation | None:
        """Judges what operation `number` got for a request of (min, max), and takes it out.

        `start` is what the function wrote; None if it left it alone.
        """
        violation = self._judge(request, count, start)
        if not violation and count:
            block, size = self.free.block_around(start)
            self.free.remove(start, start + count)
            if block + size > start + count:
                origin = Origin(f"the rest of a block that operation {number} allocated from",
                                rest=True)
                self.history.append((origin, start + count, block + size))
        return violation

    def why_taken(self, unit: int) -> tuple[Rule, str]:
        """The rule that keeps a unit from being handed out now, and the reason in words."""
        if any(start <= unit < start + count for start, count in self.wrong_frees):
            return (self.rule.double_free_panics,
                    f"{self.spelling.unit(unit)} is not: a free that panicked changes nothing")
        return self.rule.one_owner, f"{self.spelling.unit(unit)} is not"

    def why_free(self, start: int, size: int, rule: Rule) -> Rule:
        """The rule that a refusal of a block breaks that was free from the beginning."""
        del start, size
        return rule

    def picture(self, start: int, count: int) -> str:
        """The units around some of them, drawn."""
        return draw(self.units, self.free, (start, count), self.spelling)

    def picture_of_request(self, request: tuple[int, int], count: int, start: int | None) -> str:
        """The units that a request got; or, if it got none, a block that it could have had."""
        if count == 0:
            wanted = self.wanted(*request)
            start = min(self.free.blocks[wanted[0]]) if wanted else 0
        return self.picture(start, count)

    def _judge(self, request: tuple[int, int], count: int, start: int | None) -> Violation | None:
        low, high = request
        wanted = self.wanted(low, high)
        if count == 0:
            return self._judge_refusal(request, wanted, start)
        seen = f"{self.spelling.many(count)}: {self.spelling.run(start, count)}"
        if high == 0 or low > high:
            return Violation(self.rule.strange_requests, "0: there is no number from min to max",
                             seen)
        if count > high:
            return Violation(self.rule.never_more_than_max,
                             f"at most {self.spelling.many(high)}", seen)
        if start < 0 or start + count > self.units:
            return Violation(self.rule.one_owner, f"{self.spelling.noun}s of "
                             f"{self.spelling.block(0, self.units)}", seen)
        taken = self.free.first_taken(start, start + count)
        if taken is not None:
            rule, why = self.why_taken(taken)
            expected = (f"{self.spelling.noun}s that are free; {why}" if self.free.starts
                        else f"0: no {self.spelling.noun} is free")
            return Violation(rule, expected, seen)
        if wanted is None:
            rule = self.rule.never_less_than_min if count < low else self.rule.largest_block
            return Violation(rule, f"0: no free block has {self.spelling.many(max(low, 1))}", seen)
        return self._judge_choice(request, wanted, (start, count), seen)

    def _judge_refusal(self, request: tuple[int, int], wanted: Block | None,
                       start: int | None) -> Violation | None:
        if wanted is None:
            if start is None:
                return None
            written = f"{start:#x}" if self.spelling.size > 1 else start
            return Violation(self.rule.nothing_to_be_had,
                             "0, and the place for the start left alone",
                             f"0, and {written} written there")
        low, high = request
        size, count = wanted
        otherwise = (self.rule.strange_requests if low == 0 else
                     self.rule.freed_units_are_available if count == high else
                     self.rule.largest_block)
        rule = self._why_available(min(self.free.blocks[size]), size, otherwise)
        expected = f"{self.spelling.many(count)} of {self._example(size)}"
        return Violation(rule, expected + self._provenance(size), "0: nothing")

    def _judge_choice(self, request: tuple[int, int], wanted: Block, run: Block,
                      seen: str) -> Violation | None:
        low, high = request
        start, count = run
        size, expected_count = wanted
        block, block_size = self.free.block_around(start)
        expected = (f"{self.spelling.many(expected_count)} from the start of "
                    f"{self._example(size)}")
        if count == expected_count and block == start and block_size == size:
            return None
        if count < expected_count:
            rule = (self.rule.max_if_it_can_be_had if expected_count == high
                    else self.rule.largest_block)
            if count != max(low, 1) and block_size >= expected_count:
                # It took a part of a larger free block for a whole one.
                rule = self._why_available(block, block_size, rule)
                return Violation(rule, expected + self._provenance(block_size, block), seen)
            return Violation(rule, expected + self._provenance(size), seen)
        if count > expected_count:
            return Violation(self.rule.largest_block, expected, seen)
        rule = self.rule.smallest_sufficient_block if count == high else self.rule.largest_block
        return Violation(rule, expected + self._provenance(size),
                         f"{seen}, in the block {self.spelling.block(block, block_size)}")

    def wanted(self, low: int, high: int) -> Block | None:
        """What a request must get now: the size of the block, and how many units of it; or None."""
        if high == 0 or low > high or not self.free.blocks:
            return None
        sufficient = [size for size in self.free.blocks if size >= high]
        if sufficient:
            return min(sufficient), high
        largest = max(self.free.blocks)
        return (largest, largest) if largest >= max(low, 1) else None

    def _example(self, size: int) -> str:
        blocks = self.free.blocks[size]
        first = self.spelling.block(min(blocks), size)
        if len(blocks) == 1:
            return f"the free block {first}"
        return f"one of the {len(blocks)} free blocks of {size} ({first} is one)"

    def _origins(self, start: int, size: int) -> list[Origin]:
        """What made the units of a free block available, latest first."""
        origins: list[Origin] = []
        missing = FreeUnits()
        missing.add(start, start + size)
        for origin, first, end in reversed(self.history):
            for a, b in missing.runs():
                if max(a, first) < min(b, end):
                    missing.remove(max(a, first), min(b, end))
                    if origin not in origins:
                        origins.append(origin)
            if not missing.starts:
                break
        return origins

    def _why_available(self, start: int, size: int, otherwise: Rule) -> Rule:
        """The rule that makes a block available: what a wrong refusal of it breaks."""
        origins = self._origins(start, size)
        if len(origins) == 1 and origins[0].rule:
            return self.why_free(start, size, origins[0].rule)
        if origins and all(origin.rest for origin in origins):
            return self.rule.the_rest_is_freed_again
        if len(origins) > 1:
            return self.rule.coalescing
        return otherwise

    def _provenance(self, size: int, start: int | None = None) -> str:
        start = min(self.free.blocks[size]) if start is None else start
        origins = [origin.what for origin in self._origins(start, size)]
        if not origins:
            return ""
        return f"; {self.spelling.block(start, size)}: {', '.join(reversed(origins[:4]))}"


def draw(units: int, free: FreeUnits, marked: Block, spelling: Spelling = Spelling(),
         width: int = 64) -> str:
    """The units around the marked ones: `.` free, `#` allocated, `^` below the marked ones."""
    start, count = marked
    first = max(0, min(start - width // 4, units - width)) // 16 * 16
    last = min(units, first + width)
    cells = "".join("." if free.overlaps(u, u + 1) else "#" for u in range(first, last))
    ruler = "".join(f"{spelling.one(u):<16}" for u in range(first, last, 16))
    marks = "".join("^" if start <= u < start + count else " " for u in range(first, last))
    shown = [spelling.block(block, size) for s, e in free.runs() if s < last and e > first
             for block, size in aligned_blocks(s, e) if block < last and block + size > first]
    blocks = ", ".join(shown[:12]) + (" …" if len(shown) > 12 else "")
    if not blocks:
        blocks = "none here" if free.starts else "none"
    lines = [ruler, cells, marks] if marks.strip() else [ruler, cells]
    legend = f"free blocks: {blocks}    (. free  # allocated  ^ this operation)"
    return "\n".join(line.rstrip() for line in [*lines, legend])
