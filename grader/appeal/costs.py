"""What the operations of a test cost in which they were counted, the dearest first: where the instructions went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from heapq import nlargest

from grader.evidence.records import Record
from grader.grading.play import Played
from grader.points import counted

_DEAREST = 3  # of each kind that are listed one by one


def ranked(played: Iterable[Played]) -> Iterator[str]:
    """Lines: each kind of operation, by what all of them took together, and the dearest of that kind, so that none,
    as `boot`, hides the others. None where nothing was measured."""
    measured = [(record.cost, entry.scenario.title, record) for entry in played if entry.run
                for record in entry.run.records if record.cost]
    kinds: dict[str, list[tuple[int, str, Record]]] = defaultdict(list)
    for entry in measured:
        kinds[entry[2].verb].append(entry)
    for verb, of_verb in sorted(kinds.items(), key=lambda item: -sum(cost for cost, *_ in item[1])):
        costs = [cost for cost, *_ in of_verb]
        yield (f"{verb + ':':<10} {sum(costs)} in all, {counted(len(costs), 'time')}, {sum(costs) / len(costs):.2f} "
               f"in the mean, {min(costs)} to {max(costs)}")
        for cost, title, record in nlargest(_DEAREST, of_verb, key=lambda item: item[0]):
            yield f"{cost:>10}  {title}, operation {record.number}: {record.text}"
