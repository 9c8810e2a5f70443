"""What the operations of a test cost in which they were counted, the dearest first: where the instructions went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from heapq import nlargest

from grader.grading.play import Played
from grader.points import counted

_DEAREST = 8  # that are listed one by one


def ranked(played: Iterable[Played]) -> Iterator[str]:
    """Lines: each kind of operation, by what all of them took together, then the dearest of all. None where nothing
    was measured."""
    measured = [(record.cost, entry.scenario.title, record) for entry in played if entry.run
                for record in entry.run.records if record.cost]
    costs: dict[str, list[int]] = defaultdict(list)
    for cost, _, record in measured:
        costs[record.verb].append(cost)
    for verb, of_verb in sorted(costs.items(), key=lambda item: -sum(item[1])):
        yield (f"{verb + ':':<10} {sum(of_verb)} in all, {counted(len(of_verb), 'time')}, {sum(of_verb) / len(of_verb):.2f} "
               f"in the mean, {min(of_verb)} to {max(of_verb)}")
    for cost, title, record in nlargest(_DEAREST, measured, key=lambda item: item[0]):
        yield f"{cost:>10}  {title}, operation {record.number}: {record.text}"
