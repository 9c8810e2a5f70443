"""Allocators of units, judged: what kernel/mm/buddy.h promises, whatever a unit stands for.

The buddy allocator hands out units; ppalloc and vpalloc do the same with pages, "as buddy_alloc
does with units, in every respect". What they have in common is here; a lab's oracle adds its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import nsmallest
from types import SimpleNamespace

from grader.judging.free_units import Block, FreeUnits
from grader.judging.oracle import Rule, Violation, rules
from grader.judging.unit_words import Spelling, draw

_PANICS = "Panics if any of the units is free already, or does not exist. Then nothing is changed."
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
    double_free_panics=_PANICS,
    freeing_what_does_not_exist_panics=_PANICS,
)


_MOST_RIGHT = 8  # places that would be right, in a picture


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

    def has(self, start: int, count: int) -> bool:
        """Whether there are such units at all."""
        return 0 <= start and start + count <= self.units

    def must_panic(self, start: int, count: int) -> Rule | None:
        """The rule by which freeing these units, now, has to panic, if it has to."""
        if count == 0:
            return None
        exist = self.has(start, count)
        if exist and not self.free.overlaps(start, start + count):
            return None
        self.wrong_frees.append((start, count))
        return self.rule.double_free_panics if exist else self.rule.freeing_what_does_not_exist_panics

    def instead_of_panic(self, low: int, high: int) -> Rule | None:
        """The rule that says what a request does for which nothing can be had; None if something can."""
        if self.wanted(low, high):
            return None
        return self.rule.nothing_to_be_had if 0 < high >= low else self.rule.strange_requests

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
        """The units that a request got, and those that it had to get: of several, the first ones."""
        wanted = self.wanted(*request)
        size, right_count = wanted or (0, 0)
        right = [(block, right_count) for block in nsmallest(_MOST_RIGHT, self.free.blocks.get(size, ()))]
        if count == 0:
            start = right[0][0] if right else 0
        return draw(self.units, self.free, (start, count), self.spelling, right)

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
