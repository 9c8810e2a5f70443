"""Shrinking a failing scenario to a short one that fails in the same way.

Delta debugging (Zeller and Hildebrandt, 2002), but for two things. All candidates of a round are
played in one boot, each in a freshly started kernel, which costs hardly more than playing one. And
a round finds out about many small edits at once, so the next tries all that worked together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from grader.scenarios.scenario import PREDEFINED, Operation, Scenario, number

ROUNDS = 8  # boots, at most
CANDIDATES = 64  # played in one boot, at most

# Plays candidates and says of each whether it fails in the way that is being shrunk.
Probe = Callable[[list[Scenario]], list[bool]]

# What becomes of some of a scenario's operations, by their indices; None: they go.
Edit = dict[int, "Operation | None"]


def shrink(scenario: Scenario, probe: Probe, rounds: int = ROUNDS) -> Scenario:
    """The shortest scenario found, after at most `rounds` calls of `probe`, that still fails."""
    counted = _Rounds(probe, rounds)
    best = scenario
    for edits in (_removals, _smaller_numbers):
        while smaller := _improved(best, edits(best), counted):
            best = smaller
    return best


class _Rounds:
    """A probe that can be called so many times; then nothing fails any more."""

    def __init__(self, probe: Probe, left: int) -> None:
        self.probe = probe
        self.left = left

    def __call__(self, candidates: list[Scenario]) -> list[bool]:
        if self.left <= 0 or not candidates:
            return [False] * len(candidates)
        self.left -= 1
        return self.probe(candidates)


def _improved(best: Scenario, edits: Iterator[Edit], probe: Probe) -> Scenario | None:
    """The scenario after as many of the edits as can be had in two rounds; None if after none."""
    tried = [(edit, _after(best, [edit])) for edit in islice(edits, CANDIDATES)]
    fails = probe([candidate for _, candidate in tried])
    worked = [entry for entry, failed in zip(tried, fails, strict=True) if failed]
    if len(worked) < 2:
        return worked[0][1] if worked else None
    together = list(_in_groups([edit for edit, _ in worked]))[:CANDIDATES]
    candidates = [_after(best, group) for group in together]
    known = [candidate for _, candidate in worked]  # they fail, as has been seen
    known += [c for c, failed in zip(candidates, probe(candidates), strict=True) if failed]
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


def _size(scenario: Scenario) -> tuple[int, int]:
    numbers = (number(a) for o in scenario.operations for a in o.arguments if _is_number(a))
    return len(scenario.operations), sum(numbers)


def _removals(scenario: Scenario) -> Iterator[Edit]:
    """Without each half, each quarter and so on; the first operation always stays."""
    end = len(scenario.operations)
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
        if operation.names_used() <= known:
            kept.append(operation)
            if operation.name:
                known.add(operation.name)
    return tuple(kept)


def _smaller_numbers(scenario: Scenario) -> Iterator[Edit]:
    """Each of the numbers made smaller, by much before by little."""
    for i, operation in enumerate(scenario.operations):
        for j, argument in enumerate(operation.arguments):
            if not _is_number(argument):
                continue
            value = number(argument)
            for smaller in sorted({1, value // 2, value - 1}):
                if 0 < smaller < value:
                    arguments = list(operation.arguments)
                    arguments[j] = str(smaller)
                    yield {i: replace(operation, arguments=tuple(arguments))}


def _is_number(argument: str) -> bool:
    return bool(re.match(r"\d", argument))
