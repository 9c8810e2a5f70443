"""Allocators of units, drawn: what the pictures of buddy, ppalloc and vpalloc have in common.

Items of a panel `units`, in units: `fN` [start, end) is a free run; `aN` [start, end), operation is
what that operation got and nobody has given back; `rN` [start, end), words is a part of a memory map
(there the ends may lie within a unit).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from grader.evidence.records import Record
from grader.judging.oracle import Oracle
from grader.judging.units import UnitAllocator
from grader.page.picture import Mark, Panel, Panels

MOST_WANTED = 8  # places that would have been right, shown


@dataclass(frozen=True)
class Event:
    """Units [start, end) of a panel that an operation got, or gave back."""

    panel: str
    start: int
    end: int
    got: bool


class UnitPicture:
    """Follows who holds which units. A lab says what its records mean.

    `allocators` has the panels there are now: the title, and the allocator of each.
    """

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle
        self.held: dict[str, dict[int, tuple[int, int]]] = {}  # panel -> start -> end, operation

    def allocators(self) -> dict[str, tuple[str, UnitAllocator]]:
        """By the panels' names."""
        raise NotImplementedError

    def event(self, record: Record) -> Event | None:
        """What an operation is about; None if it is not about units."""
        raise NotImplementedError

    def request(self, record: Record) -> tuple[str, int, int] | None:
        """The panel, min and max that an operation asks for, if it asks."""
        raise NotImplementedError

    def panels(self) -> Panels:
        return {name: self.panel(name, title, units)
                for name, (title, units) in self.allocators().items()}

    def panel(self, name: str, title: str, units: UnitAllocator) -> Panel:
        """One allocator's panel."""
        spelling = units.spelling
        items = {f"f{start}": [start, end] for start, end in units.free.runs()}
        items |= {f"a{start}": [start, end, number]
                  for start, (end, number) in self.held.get(name, {}).items()}
        return Panel("units", title, {"units": units.units, "noun": spelling.noun,
                                      "origin": spelling.origin, "size": spelling.size}, items)

    def marks(self, record: Record) -> Iterable[Mark]:
        event = self.event(record)
        return [Mark(event.panel, event.start, event.end)] if event else []

    def wanted(self, record: Record) -> Iterable[Mark]:
        """The places that a request may get, the first few."""
        request = self.request(record)
        if not request or request[0] not in self.allocators():
            return []
        panel, low, high = request
        units = self.allocators()[panel][1]
        block = units.wanted(low, high)
        if not block:
            return []
        size, count = block
        return [Mark(panel, start, start + count)
                for start in islice(sorted(units.free.blocks[size]), MOST_WANTED)]

    def take(self, record: Record) -> None:
        event = self.event(record)
        if not event:
            return
        held = self.held.setdefault(event.panel, {})
        give_up(held, event.start, event.end)
        if event.got:
            held[event.start] = event.end, record.number

    def after_wrong(self, record: Record) -> Panels:
        """As before: what it got or freed is marked, and that it should not have."""
        del record
        return self.panels()


def give_up(held: dict[int, tuple[int, int]], start: int, end: int) -> None:
    """Takes [start, end) out of the runs that are held; what is left of each stays."""
    for first in [first for first in held if first < end and held[first][0] > start]:
        last, number = held.pop(first)
        if first < start:
            held[first] = start, number
        if last > end:
            held[end] = last, number


def got(panel: str, record: Record, unit: Callable[[int], int]) -> Event | None:
    """A request's event: `unit` turns what it wrote to its start into the number of a unit."""
    count, start = record.results.get("count", 0), record.results.get("start", 0)
    return Event(panel, unit(start), unit(start) + count, got=True) if count else None
