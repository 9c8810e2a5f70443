"""What a lab's pictures are made of: panels, which change from step to step, and marks in them.

A lab draws its runs by a class Picture in its folder's picture.py. It follows the lab's oracle, and so
knows nothing but what the records say; it draws nothing itself: the page's scripts do, one for each
kind of panel (assets/panel_KIND.js). A lab without one gets the list of its operations.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from grader.evidence.records import Record
from grader.judging.oracle import Oracle

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Panel:
    """One part of a picture at one moment.

    `kind` names the script that draws it and says what `items` hold: by their keys, lists of values.
    From one step to the next only the items that differ are kept.
    """

    kind: str
    title: str
    settings: dict[str, Value] = field(default_factory=dict)
    items: dict[str, list[Value]] = field(default_factory=dict)


@dataclass(frozen=True)
class Mark:
    """The part [first, end) of a panel, in its own numbers (units, addresses), to be pointed at."""

    panel: str
    first: int
    end: int


Panels = dict[str, Panel]


class Picture(Protocol):
    """The interface of a lab's class Picture; one object follows one run, beside its oracle."""

    def __init__(self, oracle: Oracle) -> None:
        """`oracle` has seen no record yet."""

    def panels(self) -> Panels:
        """The present state, by names that stay the same."""

    def marks(self, record: Record) -> Iterable[Mark]:
        """What an operation is about, or has got, as its record says; asked before `take`."""

    def wanted(self, record: Record) -> Iterable[Mark]:
        """For an operation that went wrong: places that would have been right, if it is places."""

    def take(self, record: Record) -> None:
        """The oracle has accepted this record, and followed it."""

    def after_wrong(self, record: Record) -> Panels:
        """The panels as the operation that went wrong left them, as far as its record tells."""


def facts(numbers: dict[str, int | None]) -> Panels:
    """A panel of numbers by their names; those that nobody knows are left out."""
    items = {name: [number] for name, number in numbers.items() if number is not None}
    return {"facts": Panel("facts", "", {}, items)} if items else {}
