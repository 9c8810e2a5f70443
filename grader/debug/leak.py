"""Where something was lost that a later count misses: the operation after which the count is first wrong.

`frames` and its like only tell how many there are by now. The same scenario with a count behind each of its operations,
played once more and judged, says after which of them one was missing. Where memory is held back, or nothing is written
down, no operation can be counted by itself: then scenarios that end after each of them, and count, say it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass, replace

from grader.course import verbs
from grader.errors import BadScenario
from grader.judging.judge import PLAYER_OPERATIONS, Finding
from grader.judging.verdict import Verdict
from grader.scenarios.scenario import Operation, Scenario

# The operations that count, and what.
COUNTED = {"frames": "frames", "pages": "pages", "mapped": "mapped pages", "kvpages": "kvmalloc's pages"}

_HOLDS = {"leave": "unleave", "leave_pages": "unleave_pages", "quiet": "loud"}  # until what


@dataclass(frozen=True)
class Leak:
    """Operation `lost` is the first after which a count (by `what`) is wrong; `taken` the one that had taken what it
    gives back: itself, if it gives back nothing."""

    what: str
    lost: int
    taken: int

    @property
    def said(self) -> str:
        """In a line, for people."""
        did = ("took more, or less, than it may keep" if self.taken == self.lost
               else f"was to give back what operation {self.taken} took, not more and not less")
        return f"The count of {COUNTED[self.what]} is wrong from operation {self.lost} on: that one {did}."


def find(scenario: Scenario, finding: Finding | None, play: Callable[[Scenario], Finding | None]) -> Leak | None:
    """The leak behind a finding; None if it is no miscount, or if it can't be told. `play` judges a scenario."""
    verb = finding.text.split(" ")[0] if finding else ""
    if verb not in COUNTED or finding.verdict is not Verdict.FAIL:
        return None

    def is_wrong(counting: Scenario) -> Finding | None:
        found = play(counting)
        return found if found and found.verdict is Verdict.FAIL and found.text.startswith(verb) else None

    counting, origin = _counting(scenario, finding.operation, verb)
    try:
        if wrong := is_wrong(counting):
            lost = _first(scenario, _between_counts(counting, origin, wrong.operation), verb, is_wrong)
            return Leak(verb, lost, _taker(scenario.operations, lost))
    except BadScenario:  # the count makes no sense at some place
        pass
    return None


def _between_counts(counting: Scenario, origin: list[int], wrong: int) -> range:
    """The operations of the scenario behind the last count that was right, up to the one that was wrong."""
    verb = counting.operations[wrong - 1].verb
    right = next((origin[n - 1] for n in range(wrong - 1, 0, -1) if counting.operations[n - 1].verb == verb), 0)
    return range(right + 1, origin[wrong - 1] + 1)


def _first(scenario: Scenario, some: range, verb: str, is_wrong: Callable[[Scenario], Finding | None]) -> int:
    """The first of some operations after which the count is wrong, as it is after the last: one that calls the
    student's, if there is one."""
    theirs = [n for n in some if scenario.operations[n - 1].verb in verbs.PLAIN] or [some[-1]]
    return theirs[bisect_left(theirs[:-1], True, key=lambda number: bool(is_wrong(_ended(scenario, number, verb))))]


def _ended(scenario: Scenario, last: int, verb: str) -> Scenario:
    """The scenario up to operation `last`, and a count, with everything given back that was held."""
    held: list[str] = []
    for operation in scenario.operations[:last]:
        if operation.verb in _HOLDS:
            held.append(_HOLDS[operation.verb])
        elif operation.verb in held:
            held.remove(operation.verb)
    ends = [Operation(each, ()) for each in (*held, verb)]
    return replace(scenario, operations=(*scenario.operations[:last], *ends), measure=False)


def _counting(scenario: Scenario, last: int, verb: str) -> tuple[Scenario, list[int]]:
    """The scenario up to operation `last`, with a count behind each operation once it was counted first; and for each
    of its operations the number of the one that it is, or stands behind."""
    operations, origin, counts = [], [], False
    first = next(i for i, operation in enumerate(scenario.operations) if operation.verb == verb)
    for number, operation in enumerate(scenario.operations[:last], 1):
        operations.append(operation)
        origin.append(number)
        if operation.verb == "quiet" or operation.verb.startswith("leave"):  # memory is held back: no count is right
            counts = False
        elif operation.verb in (verb, "loud") or operation.verb.startswith("unleave"):
            counts = number > first
        if counts and operation.verb not in (verb, *PLAYER_OPERATIONS):
            operations.append(Operation(verb, ()))
            origin.append(number)
    return replace(scenario, operations=tuple(operations), measure=False), origin


def _taker(operations: tuple[Operation, ...], lost: int) -> int:
    """The operation whose result another one gives back; the other one itself if it gives back none."""
    used = operations[lost - 1].names_used
    return max((number for number, operation in enumerate(operations[:lost - 1], 1) if operation.name in used),
               default=lost)
