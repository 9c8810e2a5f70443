"""Where the machine of an official run stands still, so that its memory can be compared with its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grader.scenarios.scenario import Operation, Scenario
from grader.scenarios.stream import Stream

INSPECT = "inspect"  # the operation, which every lab has
LOOKS = 2  # in one boot


def add(batch: Sequence[Scenario], stream: Stream) -> list[Scenario]:
    """The scenarios, two of them with an operation more: `inspect`, late in it, where it disturbs nothing.

    Not for a lab whose scenarios have such operations of their own.
    """
    batch = list(batch)
    possible = [i for i, scenario in enumerate(batch) if places(scenario)]
    for i in stream.shuffled(possible)[:LOOKS]:
        found = places(batch[i])
        place = stream.choice(found[len(found) // 2:])
        before, after = batch[i].operations[:place], batch[i].operations[place:]
        batch[i] = replace(batch[i], operations=(*before, Operation(INSPECT, ()), *after))
    return batch


def looked_at(scenario: Scenario) -> bool:
    """Whether the machine stands still in it."""
    return any(operation.verb == INSPECT for operation in scenario.operations)


def places(scenario: Scenario) -> list[int]:
    """How many operations may stand before an inspection: not within a quiet stretch, which it would
    count into, and not after a free, which may have to be followed by the same one at once."""
    found, quiet = [], False
    for i, operation in enumerate(scenario.operations[:-1]):
        quiet = operation.verb == "quiet" or (quiet and operation.verb != "loud")
        if not quiet and operation.verb not in ("free", "comb"):
            found.append(i + 1)
    return found
