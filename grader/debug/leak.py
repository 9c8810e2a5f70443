"""Where something was lost that a later count misses: the operation after which the count is first wrong.

`frames` and `pages` only tell how many are free by now. The same scenario with a count behind each of its operations,
played once more and judged, says after which of them one was missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from grader.course import verbs
from grader.errors import BadScenario
from grader.judging.judge import PLAYER_OPERATIONS, Finding
from grader.judging.verdict import Verdict
from grader.scenarios.scenario import Operation, Scenario

# What is counted, and the functions of the kernel that hand it out and take it back, as the linker knows them.
COUNTED = {"frames": ("_Z7ppallocjjPj", "_Z6ppfreejj"),
           "pages": ("_Z7vpallocP11vpallocatorjjPj", "_Z6vpfreeP11vpallocatorjj")}


@dataclass(frozen=True)
class Leak:
    """Operation `lost` is the first after which a count (`what`) is wrong; `taken` the one that had taken what it
    should have given back: itself, if it failed."""

    what: str
    lost: int
    taken: int

    @property
    def said(self) -> str:
        """In a line, for people."""
        taken = "all that it took" if self.taken == self.lost else f"all that operation {self.taken} took"
        return f"The count of {self.what} is wrong from operation {self.lost} on: that one did not give back {taken}."


def find(scenario: Scenario, finding: Finding | None, play: Callable[[Scenario], Finding | None]) -> Leak | None:
    """The leak behind a finding; None if it is no miscount, or if it can't be told. `play` judges a scenario."""
    verb = finding.text.split(" ")[0] if finding else ""
    if verb not in COUNTED or finding.verdict is not Verdict.FAIL:
        return None
    counting, origin = _counting(scenario, finding.operation, verb)
    try:
        wrong = play(counting)
    except BadScenario:  # the count makes no sense at some place
        return None
    if not wrong or wrong.rule != finding.rule or not wrong.text.startswith(verb):
        return None
    lost = _of_the_students(scenario.operations, origin[wrong.operation - 1])
    return Leak(verb, lost, _taker(scenario.operations, lost))


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


def _of_the_students(operations: tuple[Operation, ...], number: int) -> int:
    """The operation of that number, or the last one before it that calls the student's: a count may have had to wait."""
    return next((n for n in range(number, 0, -1) if operations[n - 1].verb in verbs.PLAIN), number)


def _taker(operations: tuple[Operation, ...], lost: int) -> int:
    """The operation whose result another one gives back; the other one itself if it gives back none."""
    used = operations[lost - 1].names_used
    return max((number for number, operation in enumerate(operations[:lost - 1], 1) if operation.name in used),
               default=lost)
