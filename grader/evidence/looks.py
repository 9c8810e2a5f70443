"""Where the machine of an official run is looked at, so that its memory can be compared with its words.

At a look it is told to stand still, and its registers are seen. Of a glance it learns nothing: it is taken while the
machine waits to be told what comes next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from enum import Enum

from grader.scenarios.dealing import AT_ONCE
from grader.scenarios.scenario import Operation, Scenario
from grader.scenarios.stream import Stream

INSPECT = "inspect"  # the operation, which every lab has
LOOKS = 2  # in one boot
IN_A_STRETCH = 4  # glances within one that is quiet, beside the one at its end
_COUNTS = ("frames", "kvpages", "mapped")  # operations behind which there is always a glance, at the page tables alone


class Sight(Enum):
    """What there is to be seen at a glance, beside the kernel's page tables."""

    TABLES = "nothing else"
    CONTENTS = "the memory behind the kernel's pages"
    DIRECTORIES = "all page directories in the list, with their page tables"


Glances = dict[tuple[int, int], Sight]  # after so many operations of a scenario of the boot


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


def counted(scenario: Scenario) -> Scenario:
    """With a count of the free frames at the end where kvmalloc's pages are counted there: what was taken out of the
    page tables for a moment is missing among the frames."""
    *before, last = scenario.operations
    if last.verb != "kvpages" or not any(operation.verb == "frames" for operation in before):
        return scenario
    return replace(scenario, operations=(*before, Operation("frames", ())))


def glances(batch: Sequence[Scenario], seed: str, labs: Mapping[str, Sight]) -> Glances:
    """Where there are some in the scenarios of these labs: at all that a lab wants to see once on the way, and at the
    end, whose coming nobody knows who is told one operation at a time. So a scenario that is cut off behind one has it,
    too. Where all directories are seen, also before each `inspect`: who learns of it has been seen. Behind all that is
    counted. And where contents are seen, in quiet stretches, whose operations leave no record."""
    found: Glances = {}
    for i, scenario in enumerate(batch):
        possible = places(scenario, after_free=True) if scenario.lab in labs else []
        sight = labs.get(scenario.lab)
        if sight:
            found |= {(i, n): Sight.TABLES for n in possible if scenario.operations[n - 1].verb in _COUNTS}
        for stretch in _stretches(scenario) if sight is Sight.CONTENTS else ():
            chosen = Stream(seed, "stretch", scenario.title, stretch[-1]).shuffled(stretch[:-1])[:IN_A_STRETCH]
            found |= {(i, n): sight for n in (*chosen, stretch[-1])}
        if sight is Sight.DIRECTORIES:
            found |= {(i, n): sight for n in possible[:-1] if scenario.operations[n].verb == INSPECT}
        if possible:
            found[i, Stream(seed, "glance", scenario.title).choice(possible)] = found[i, possible[-1]] = sight
    return found


def _stretches(scenario: Scenario) -> Iterator[list[int]]:
    """Of each quiet stretch after how many operations the player asks for more, up to its end or the scenario's."""
    begin = 0
    for n, operation in enumerate(scenario.operations):
        if operation.verb == "quiet":
            begin = n + 1
        if begin and (operation.verb == "loud" or n + 1 == len(scenario.operations)):
            end = n if operation.verb == "loud" else n + 1
            if end > begin:
                yield [*range(begin + AT_ONCE, end, AT_ONCE), end]
            begin = 0


def looked_at(scenario: Scenario) -> bool:
    """Whether the machine stands still in it."""
    return any(operation.verb == INSPECT for operation in scenario.operations)


def places(scenario: Scenario, after_free: bool = False) -> list[int]:
    """How many operations may stand before an inspection: not within a quiet stretch, which it would
    count into, and not after a free, which may have to be followed by the same one at once. A glance disturbs
    nothing (`after_free`), also after the last one."""
    found, quiet = [], False
    for i, operation in enumerate(scenario.operations if after_free else scenario.operations[:-1]):
        quiet = operation.verb == "quiet" or (quiet and operation.verb != "loud")
        if not quiet and (after_free or operation.verb not in ("free", "comb")):
            found.append(i + 1)
    return found
