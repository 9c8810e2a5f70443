"""Shrinking a failing scenario to a short one that fails in the same way.

Delta debugging (Zeller and Hildebrandt, 2002), but for one thing: all candidates of a round are
played in one boot, each in a freshly started kernel, which costs hardly more than playing one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from grader.scenario import Operation, Scenario

ROUNDS = 25  # boots, at most
CANDIDATES = 64  # played in one boot, at most

# Plays candidates and says of each whether it fails in the way that is being shrunk.
Probe = Callable[[list[Scenario]], list[bool]]


def shrink(scenario: Scenario, probe: Probe, rounds: int = ROUNDS) -> Scenario:
    """The shortest scenario found, after at most `rounds` calls of `probe`, that still fails."""
    best = scenario
    chunk = max(1, len(best.operations) // 2)
    while rounds > 0:
        candidates = list(_without_chunks(best, chunk))[:CANDIDATES]
        if not candidates:
            break
        rounds -= 1
        smaller = _first_failing(candidates, probe)
        if smaller:
            best = smaller
            chunk = min(chunk, max(1, len(best.operations) // 2))
        elif chunk > 1:
            chunk = chunk // 2
        else:
            break
    return _with_smaller_numbers(best, probe, rounds)


def _with_smaller_numbers(scenario: Scenario, probe: Probe, rounds: int) -> Scenario:
    best = scenario
    while rounds > 0:
        rounds -= 1
        smaller = _first_failing(list(_simplified(best))[:CANDIDATES], probe)
        if not smaller:
            return best
        best = smaller
    return best


def _first_failing(candidates: list[Scenario], probe: Probe) -> Scenario | None:
    if not candidates:
        return None
    fails = probe(candidates)
    return next((c for c, failed in zip(candidates, fails, strict=True) if failed), None)


def _without_chunks(scenario: Scenario, size: int) -> Iterator[Scenario]:
    """The scenario without each run of `size` operations, the latest first; never the first one."""
    operations = scenario.operations
    for end in range(len(operations), 1, -size):
        start = max(1, end - size)
        yield replace(scenario, operations=closed(operations[:start] + operations[end:]))


def closed(operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """Without the operations that refer to results that are no longer there."""
    known: set[str] = set()
    kept = []
    for operation in operations:
        if operation.names_used() <= known:
            kept.append(operation)
            if operation.name:
                known.add(operation.name)
    return tuple(kept)


def _simplified(scenario: Scenario) -> Iterator[Scenario]:
    """The scenario with one of its numbers made smaller."""
    for i, operation in enumerate(scenario.operations):
        for j, argument in enumerate(operation.arguments):
            if not re.fullmatch(r"\d+", argument):
                continue
            for value in sorted({1, int(argument) // 2, int(argument) - 1}):
                if 0 < value < int(argument):
                    arguments = (*operation.arguments[:j], str(value), *operation.arguments[j + 1:])
                    yield replace(scenario, operations=(
                        *scenario.operations[:i], replace(operation, arguments=arguments),
                        *scenario.operations[i + 1:]))
