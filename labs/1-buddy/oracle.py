"""The oracle of lab 1: what kernel/mm/buddy.h promises, checked record by record.

How requests are judged stands in grader/judging/units.py, which the other labs' allocators share.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import SimpleNamespace

from grader.evidence.records import Record
from grader.judging import fences
from grader.judging.oracle import Rule, Violation, rules
from grader.judging.units import BUDDY_RULES, UnitAllocator

from . import worlds

RULE = SimpleNamespace(**BUDDY_RULES, **rules(
    "kernel/mm/buddy.h",
    state_size="The number of bytes of state that an allocator of `units` units needs. "
               "At most 16 a unit + 4096.",
    keeps_to_its_state="buddy_state_size(units) bytes, aligned to 16, of any content.",
    writes_nothing_beside_start="Returns how many, and writes the first of them to *start.",
    writes_nothing_beside_the_struct="Only these two",
    remembers_in_its_state="all it remembers is in the state that the caller provides.",
    starts_empty="Makes *b an allocator of `units` units, all of them allocated: nothing can be had "
                 "from it before something is freed.",
    says_what_it_is="From then on b->units is `units` and b->state is `state`: callers read them.",
))

TIMES = rules(
    "kernel/mm/buddy.h",
    init="May take time proportional to `units`.",
    alloc="Takes time O(log units), plus that of freeing the rest of the block.",
    free="Takes time O(log units + count), the check included.",
)

FREES = rules("kernel/mm/buddy.h", nothing="A count of 0 does nothing, whatever `start` is.",
              any_portions="Any allocated units may be freed, in any portions")

LENT = {"damage": (RULE.keeps_to_its_state, "the state"),
        "struct_damage": (RULE.writes_nothing_beside_the_struct, "the struct buddy"),
        "start_damage": (RULE.writes_nothing_beside_start, "*start")}


class Units(UnitAllocator):
    """The allocator's units, all of them allocated at first."""

    def __init__(self, units: int) -> None:
        super().__init__(units, RULE)

    def why_taken(self, unit: int) -> tuple[Rule, str]:
        """Nothing was freed yet; or this one was not."""
        rule, why = super().why_taken(unit)
        return (rule if self.history or self.wrong_frees else RULE.starts_empty), why


class Oracle:
    """Follows two buddy allocators, of which one is meant at a time."""

    times = TIMES

    def __init__(self) -> None:
        self.units, self.others = Units(0), Units(0)

    def must_panic(self, record: Record) -> Rule | None:
        if record.verb == "free":
            return self.units.must_panic(*record.arguments)
        if record.verb == "comb":
            return self._comb_must_panic(record)
        return None

    def instead_of_panic(self, record: Record) -> Rule | None:
        if record.verb == "free":
            return FREES["any_portions" if record.arguments[1] else "nothing"]
        return self.units.instead_of_panic(*record.arguments) if record.verb in ("alloc", "ask") else None

    def _comb_must_panic(self, record: Record) -> Rule | None:
        """As for the first of its units that is not allocated; those before it are free then."""
        if self._lonely(record):
            return None
        seen: dict[int, None] = {}
        for unit in comb(record):
            if unit in seen or not self._is_allocated(unit):
                if record.panicked:
                    self._free_each(seen)
                return (RULE.double_free_panics if unit < self.units.units else
                        RULE.freeing_what_does_not_exist_panics)
            seen[unit] = None
        return None

    def _lonely(self, record: Record) -> range | None:
        """Its units, if they lie apart, between and beside them none is free, and all exist."""
        first, step, count = record.arguments
        units = range(first, first + step * count, step or 1)
        if step < 2 or not units or units[-1] >= self.units.units:
            return None
        return None if self.units.free.overlaps(max(first - 1, 0), units[-1] + 2) else units

    def _is_allocated(self, unit: int) -> bool:
        return unit < self.units.units and not self.units.free.overlaps(unit, unit + 1)

    def _free_each(self, units: Iterable[int]) -> None:
        for unit in units:
            self.units.free.add(unit, unit + 1)

    def check(self, record: Record) -> Violation | None:
        judge = getattr(self, f"_{record.verb}", None)
        return fences.violation(record, **LENT) or (judge(record) if judge else None)

    def _init(self, record: Record) -> Violation | None:
        self.units = Units(record.arguments[0])
        limit = 16 * self.units.units + 4096
        size = record.results["size"]
        if size > limit:
            return Violation(RULE.state_size, f"at most {limit} bytes for {self.units.units} units",
                             f"buddy_state_size({self.units.units}) = {size}")
        return None

    def _members(self, record: Record) -> Violation | None:
        units, state = record.results["units"], record.results["state"]
        if (units, state) == (self.units.units, 0):
            return None
        seen = (f"b->units is {units}" if units != self.units.units else
                "b->state is another address")
        return Violation(RULE.says_what_it_is, f"{self.units.units} units, and the state that was given",
                         seen)

    def _other(self, record: Record) -> None:
        del record
        self.units, self.others = self.others, self.units

    def _world(self, record: Record) -> Violation | None:
        return worlds.violation(record, Units)

    def _free(self, record: Record) -> None:
        start, count = record.arguments
        self.units.freed(start, count, record.number)

    def _comb(self, record: Record) -> None:
        if units := self._lonely(record):
            self.units.free.add_each(units)
        else:
            self._free_each(comb(record))

    def _alloc(self, record: Record) -> Violation | None:
        return self.units.allocated(record.arguments, record.results["count"],
                                    record.results.get("start"), record.number)

    def _ask(self, record: Record) -> Violation | None:
        return self._alloc(record)

    def _churn(self, record: Record) -> Violation | None:
        """The same request, each time with the same units free."""
        _, *request = record.arguments
        count, start, fewest = record.results["count"], record.results.get("start"), record.results["fewest"]
        violation = self.units.allocated(request, count, start, record.number)
        if violation is None and count:
            self.units.freed(start, count, record.number)
        if violation or fewest == count:
            return violation
        return Violation(RULE.freed_units_are_available, f"{count} units each time", f"{fewest} once")

    def _beside(self, record: Record) -> Violation | None:
        """Another allocator, of which all 64 units were freed, was asked for 1 to 64."""
        count, start = record.results["count"], record.results.get("start")
        if (count, start) == (64, 0):
            return None
        return Violation(RULE.remembers_in_its_state, "64 units of another allocator: 0-63",
                         f"{count} units" + (f" from {start} on" if count else ""))

    def _crowd(self, record: Record) -> Violation | None:
        """Each of many others had a single unit free, number i the unit i % 8, and was asked for it twice."""
        number, = record.arguments
        got = tuple(record.results.get(name) for name in ("count", "starts", "again"))
        if got == (number, sum(i % 8 for i in range(number)), 0) or None in got:
            return None
        count, starts, again = got
        return Violation(RULE.remembers_in_its_state,
                         f"of each of {number} allocators the unit that is free in it, once",
                         f"{count} units, whose numbers add up to {starts}, and {again} the second time")

    def picture(self, record: Record) -> str:
        if record.verb in ("alloc", "ask"):
            return self.units.picture_of_request(record.arguments, record.results.get("count", 0),
                                                 record.results.get("start"))
        return self.units.picture(*record.arguments[:2] if record.verb == "free" else (0, 0))


def comb(record: Record) -> Iterator[int]:
    """The units that an operation `comb` frees one by one, in the machine's 32-bit arithmetic."""
    first, step, count = record.arguments
    return (first + i * step & 0xFFFFFFFF for i in range(count))
