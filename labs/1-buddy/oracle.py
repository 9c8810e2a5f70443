"""The oracle of lab 1: what kernel/mm/buddy.h promises, checked record by record."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from types import SimpleNamespace

from grader.oracle import Violation, rules
from grader.records import Record

RULE = SimpleNamespace(**rules(
    "kernel/mm/buddy.h",
    state_size="The number of bytes of state that an allocator of `units` units needs. "
               "At most 16 a unit + 4096.",
    keeps_to_its_state="buddy_state_size(units) bytes, aligned to 16, of any content.",
    starts_empty="Makes *b an allocator of `units` units, all of them allocated: nothing can be had "
                 "from it before something is freed.",
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
))

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

    def block_around(self, unit: int) -> Block | None:
        """The free block that a unit is in."""
        size = 1
        while size <= 1 << 20:
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


class Oracle:
    """Follows one buddy allocator."""

    def __init__(self) -> None:
        self.units = 0
        self.free = FreeUnits()
        self.history: list[tuple[str, int, int]] = []  # what made [start, end) free, and when

    def must_panic(self, record: Record):
        if record.verb == "free":
            start, count = record.arguments
            if count and not self._all_allocated(start, start + count):
                return RULE.double_free_panics
        if record.verb == "comb":
            return self._comb_must_panic(record)
        return None

    def _comb_must_panic(self, record: Record):
        """As for the first of its units that is not allocated; those before it are free then."""
        seen: set[int] = set()
        for unit in comb(record):
            if unit in seen or not self._all_allocated(unit, unit + 1):
                if record.panicked:
                    for freed in seen:
                        self.free.add(freed, freed + 1)
                return RULE.double_free_panics
            seen.add(unit)
        return None

    def _all_allocated(self, start: int, end: int) -> bool:
        return end <= self.units and not self.free.overlaps(start, end)

    def check(self, record: Record) -> Violation | None:
        if damage := record.results.get("damage"):
            return Violation(RULE.keeps_to_its_state, "no byte outside the state is written to",
                             f"{damage} of the bytes around it have changed")
        return getattr(self, f"_{record.verb}")(record)

    def _init(self, record: Record) -> Violation | None:
        self.units = record.arguments[0]
        limit = 16 * self.units + 4096
        size = record.results["size"]
        if size > limit:
            return Violation(RULE.state_size, f"at most {limit} bytes for {self.units} units",
                             f"buddy_state_size({self.units}) = {size}")
        return None

    def _free(self, record: Record) -> None:
        start, count = record.arguments
        if count:
            self.free.add(start, start + count)
            self._note(f"freed by operation {record.number}", start, start + count)

    def _comb(self, record: Record) -> None:
        for unit in comb(record):
            self.free.add(unit, unit + 1)

    def _alloc(self, record: Record) -> Violation | None:
        low, high = record.arguments
        count, start = record.results["count"], record.results.get("start")
        violation = self._judge(low, high, count, start)
        if not violation and count:
            block = self.free.block_around(start)
            self.free.remove(start, start + count)
            self._note(f"the rest of a block that operation {record.number} allocated from",
                       start + count, block[0] + block[1])
        return violation

    def _note(self, why: str, start: int, end: int) -> None:
        if start < end:
            self.history.append((why, start, end))

    def _judge(self, low: int, high: int, count: int, start: int | None) -> Violation | None:
        wanted = self._wanted(low, high)
        if count == 0:
            return self._judge_refusal(low, high, wanted, start)
        run = f"units {start} to {start + count - 1}" if count > 1 else f"unit {start}"
        seen = f"{spell_units(count)}: {run}"
        if high == 0 or low > high:
            return Violation(RULE.strange_requests, "0: there is no number from min to max", seen)
        if count > high:
            return Violation(RULE.never_more_than_max, f"at most {spell_units(high)}", seen)
        if start + count > self.units:
            return Violation(RULE.one_owner, f"units from 0 to {self.units - 1}", seen)
        if not self.free.blocks:
            rule = RULE.one_owner if self.history else RULE.starts_empty
            return Violation(rule, "0: no unit is free", seen)
        if taken := self._taken(start, count):
            return Violation(RULE.one_owner, f"units that are free; {taken} is not", seen)
        if wanted is None:
            rule = RULE.never_less_than_min if count < low else RULE.largest_block
            return Violation(rule, f"0: no free block has {spell_units(max(low, 1))}", seen)
        return self._judge_choice(high, wanted, count, start, seen)

    def _judge_refusal(self, low: int, high: int, wanted: Block | None,
                       start: int | None) -> Violation | None:
        if wanted is None:
            if start is None:
                return None
            return Violation(RULE.nothing_to_be_had, "0, and *start left alone",
                             f"0, and {start} in *start")
        size, count = wanted
        expected = f"{spell_units(count)} of {self._example(size)}"
        otherwise = (RULE.strange_requests if low == 0 else
                     RULE.freed_units_are_available if count == high else RULE.largest_block)
        rule = self._why_available(size, otherwise)
        return Violation(rule, expected + self._provenance(size), "0: nothing")

    def _judge_choice(self, high: int, wanted: Block, count: int, start: int,
                      seen: str) -> Violation | None:
        size, expected_count = wanted
        block, block_size = self.free.block_around(start)
        expected = f"{spell_units(expected_count)} from the start of {self._example(size)}"
        if count == expected_count and block == start and block_size == size:
            return None
        if count < expected_count:
            rule = RULE.max_if_it_can_be_had if expected_count == high else RULE.largest_block
            if block_size > count and block_size >= expected_count:
                # It took a part of a larger free block for a whole one.
                rule = self._why_available(block_size, rule, block)
                return Violation(rule, expected + self._provenance(block_size, block), seen)
            return Violation(rule, expected + self._provenance(size), seen)
        if count > expected_count:
            return Violation(RULE.largest_block, expected, seen)
        rule = RULE.smallest_sufficient_block if count == high else RULE.largest_block
        return Violation(rule, expected + self._provenance(size),
                         f"{seen}, in the block {self._spell(block, block_size)}")

    def _wanted(self, low: int, high: int) -> Block | None:
        """The size of the block to be taken, and how many units of it; None if there is none."""
        if high == 0 or low > high or not self.free.blocks:
            return None
        sufficient = [size for size in self.free.blocks if size >= high]
        if sufficient:
            return min(sufficient), high
        largest = max(self.free.blocks)
        return (largest, largest) if largest >= max(low, 1) else None

    def _taken(self, start: int, count: int) -> str:
        """The first unit of a run that is not free, in words; empty if all are."""
        i = bisect_right(self.free.starts, start) - 1
        free_up_to = self.free.ends[i] if i >= 0 else 0
        if free_up_to >= start + count:
            return ""
        return f"unit {max(start, free_up_to)}"

    def _example(self, size: int) -> str:
        blocks = self.free.blocks[size]
        first = self._spell(min(blocks), size)
        if len(blocks) == 1:
            return f"the free block {first}"
        return f"one of the {len(blocks)} free blocks of {size} ({first} is one)"

    @staticmethod
    def _spell(start: int, size: int) -> str:
        return f"{start}-{start + size - 1}" if size > 1 else str(start)

    def _origins(self, start: int, size: int) -> list[str]:
        """What made the units of a free block available, latest first."""
        origins = []
        missing = FreeUnits()
        missing.add(start, start + size)
        for why, first, end in reversed(self.history):
            for a, b in missing.runs():
                if max(a, first) < min(b, end):
                    missing.remove(max(a, first), min(b, end))
                    if why not in origins:
                        origins.append(why)
            if not missing.starts:
                break
        return origins

    def _why_available(self, size: int, otherwise, start: int | None = None):
        """The rule that makes a block of this size available: what a wrong refusal breaks."""
        origins = self._origins(min(self.free.blocks[size]) if start is None else start, size)
        if len(origins) > 1:
            if all(origin.startswith("the rest") for origin in origins):
                return RULE.the_rest_is_freed_again
            return RULE.coalescing
        if origins and origins[0].startswith("the rest"):
            return RULE.the_rest_is_freed_again
        return otherwise

    def _provenance(self, size: int, start: int | None = None) -> str:
        start = min(self.free.blocks[size]) if start is None else start
        origins = self._origins(start, size)
        return f"; {self._spell(start, size)}: {', '.join(reversed(origins[:4]))}" if origins else ""

    def picture(self, record: Record) -> str:
        return draw(self.units, self.free, *self._focus(record))

    def _focus(self, record: Record) -> tuple[int, int]:
        """The units that an operation concerns: where they begin, and how many they are."""
        if record.verb == "free":
            return record.arguments
        count = record.results.get("count", 0)
        if count == 0 and record.verb == "alloc" and (wanted := self._wanted(*record.arguments)):
            return min(self.free.blocks[wanted[0]]), 0
        return record.results.get("start", 0), count


def comb(record: Record) -> Iterator[int]:
    """The units that an operation `comb` frees one by one, in the machine's 32-bit arithmetic."""
    first, step, count = record.arguments
    return (first + i * step & 0xFFFFFFFF for i in range(count))


def spell_units(count: int) -> str:
    """A number of units in words."""
    return "1 unit" if count == 1 else f"{count} units"


def draw(units: int, free: FreeUnits, start: int, count: int, width: int = 64) -> str:
    """The units around a run: `.` free, `#` allocated, `^` below the run's own."""
    first = max(0, min(start - width // 4, units - width)) // 16 * 16
    last = min(units, first + width)
    cells = "".join("." if free.overlaps(u, u + 1) else "#" for u in range(first, last))
    ruler = "".join(f"{u:<16}" for u in range(first, last, 16))
    marks = "".join("^" if start <= u < start + count else " " for u in range(first, last))
    shown = [Oracle._spell(block, size) for s, e in free.runs() if s < last and e > first
             for block, size in aligned_blocks(s, e) if block < last and block + size > first]
    blocks = ", ".join(shown[:12]) + (" …" if len(shown) > 12 else "")
    if not blocks:
        blocks = "none here" if free.starts else "none"
    lines = [ruler, cells, marks] if marks.strip() else [ruler, cells]
    legend = f"free blocks: {blocks}    (. free  # allocated  ^ this operation)"
    return "\n".join(line.rstrip() for line in [*lines, legend])
