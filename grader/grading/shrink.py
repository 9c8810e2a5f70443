"""Shrinking a failing scenario to a short one that fails in the same way.

Delta debugging (Zeller and Hildebrandt, 2002), but for two things. All candidates of a round are
played in one boot, each in a freshly started kernel, which costs hardly more than playing one. And
a round finds out about many small edits at once, so the next tries all that worked together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice

from grader.scenarios.scenario import PREDEFINED, Operation, Scenario, number

ROUNDS = 8  # boots, at most
CANDIDATES = 64  # for one boot, at most
OPERATIONS = 30_000  # of all candidates of a boot: so long does judging them take at most

# Plays candidates and says of each whether it fails in the way that is being shrunk; of the first ones
# only, where it takes too long to play them all.
Probe = Callable[[list[Scenario]], list[bool]]

# What becomes of some of a scenario's operations, by their indices; None: they go.
Edit = dict[int, "Operation | None"]


def shrink(scenario: Scenario, probe: Probe, rounds: int = ROUNDS) -> Scenario:
    """The shortest scenario found, after at most `rounds` calls of `probe`, that still fails."""
    counted = _Rounds(probe, rounds)
    best = scenario
    while shorter := _improved(best, _removals(best), counted):
        best = shorter
    for _ in range(2):  # the arguments of one operation take turns, and most have no more than two
        smaller = _improved(best, _smaller_numbers(best), counted)
        if not smaller:
            break
        best = smaller
    return best


def affordable(candidates: list[Scenario]) -> list[Scenario]:
    """The first of the candidates, as many as are judged in the time of one round; one at least."""
    total = 0
    for i, candidate in enumerate(candidates):
        total += len(candidate.operations)
        if i > 0 and total > OPERATIONS:
            return candidates[:i]
    return candidates


class _Rounds:
    """A probe that can be called so many times."""

    def __init__(self, probe: Probe, left: int) -> None:
        self.probe = probe
        self.left = left

    def __call__(self, candidates: list[Scenario]) -> list[bool]:
        if self.left <= 0 or not candidates:
            return []
        self.left -= 1
        return self.probe(candidates)


def _improved(best: Scenario, edits: Iterable[Edit], probe: _Rounds) -> Scenario | None:
    """The scenario after as many as can be had of the first edits that work; None if none does."""
    waiting = list(edits)
    while waiting:
        tried = [(edit, _after(best, [edit])) for edit in waiting[:CANDIDATES]]
        fails = probe([candidate for _, candidate in tried])
        if worked := [entry for entry, failed in zip(tried, fails) if failed]:
            return _together(best, worked, probe)
        if not fails:
            break
        waiting = waiting[len(fails):]
    return None


def _together(best: Scenario, worked: list[tuple[Edit, Scenario]], probe: _Rounds) -> Scenario:
    """The scenario after one or more of the edits that worked one by one."""
    known = [candidate for _, candidate in worked]  # they fail, as has been seen
    first = {tuple(edit): edit for edit, _ in reversed(worked)}  # of those that change the same
    groups = islice(_in_groups(list(reversed(first.values()))), CANDIDATES)
    candidates = [after for group in groups if _begins_like(best, after := _after(best, group))]
    known += [c for c, failed in zip(candidates, probe(candidates)) if failed]
    return min(known, key=_size)


def _in_groups(edits: list[Edit]) -> Iterator[list[Edit]]:
    """All of them, then the halves, the quarters and so on, down to pairs."""
    size = len(edits)
    while size > 1:
        for start in range(0, len(edits), size):
            yield edits[start:start + size]
        size = (size + 1) // 2 if size > 2 else 1


def _after(scenario: Scenario, edits: list[Edit]) -> Scenario:
    changed: Edit = {}
    for edit in edits:
        changed = {**edit, **changed}
    kept = (changed.get(i, operation) for i, operation in enumerate(scenario.operations))
    return replace(scenario, operations=closed(tuple(o for o in kept if o is not None)))


def _begins_like(scenario: Scenario, shorter: Scenario) -> bool:
    """Whether what makes what the others use is still there."""
    return bool(shorter.operations) and shorter.operations[0].verb == scenario.operations[0].verb


def _size(scenario: Scenario) -> tuple[int, int]:
    numbers = (number(a) for o in scenario.operations for a in o.arguments if _is_number(a))
    return len(scenario.operations), sum(numbers)


def _removals(scenario: Scenario) -> Iterator[Edit]:
    """Without each half, each quarter and so on. The first operation, which makes what the others use, goes only where
    the second is of the same kind."""
    end = len(scenario.operations)
    if end > 1 and scenario.operations[0].verb == scenario.operations[1].verb:
        yield {0: None}
    size = (end + 1) // 2
    while size >= 1:
        for start in range(1, end, size):
            yield dict.fromkeys(range(start, min(start + size, end)))
        size = size // 2


def closed(operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """Without the operations that refer to results that are no longer there."""
    known = set(PREDEFINED)
    kept = []
    for operation in operations:
        if operation.names_used <= known:
            kept.append(operation)
            if operation.name:
                known.add(operation.name)
    return tuple(kept)


def _smaller_numbers(scenario: Scenario) -> Iterator[Edit]:
    """Each of the numbers made smaller: to one, or to its half, quarter and so on. Addresses stay in hexadecimal."""
    for i, operation in enumerate(scenario.operations):
        for j, argument in enumerate(operation.arguments):
            if not _is_number(argument):
                continue
            value = number(argument)
            for smaller in sorted({1, *(value >> k for k in range(1, 32))}):
                if 0 < smaller < value:
                    arguments = list(operation.arguments)
                    arguments[j] = f"{smaller:#x}" if argument.startswith("0x") else str(smaller)
                    yield {i: replace(operation, arguments=tuple(arguments))}


def _is_number(argument: str) -> bool:
    return bool(re.match(r"\d", argument))
