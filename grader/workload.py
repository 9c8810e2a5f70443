"""What a graded test plays: scenarios from files, and scenarios made from the seed.

A test file names its workload beside its judgement:

    @plays(fixed("empty-start"))
    def test_empty_start(outcome):
        outcome.keeps_the_contract()
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from grader import scenario as scenarios
from grader.scenario import Operation, Scenario
from grader.stream import Stream


@dataclass(frozen=True)
class Fixed:
    """The scenarios of labs/LAB/scenarios/NAME.scenario."""

    name: str

    def scenarios(self, folder: Path, lab: str, test: str, seed: str) -> list[Scenario]:
        """Reads them. The folder is the lab's; what else a workload may depend on goes unused."""
        del lab, test, seed
        return scenarios.load(folder / "scenarios" / f"{self.name}.scenario")


@dataclass(frozen=True)
class Generated:
    """`count` scenarios, the i-th made by make(stream, i) from a stream of its own."""

    make: Callable[[Stream, int], Iterable[Operation]]
    count: int
    measure: bool = False
    limit: int | None = None

    def scenarios(self, folder: Path, lab: str, test: str, seed: str) -> list[Scenario]:
        """Makes them, from the seed, the lab's name and the test's."""
        del folder
        return [Scenario(lab, f"{test}-{i + 1}",
                         tuple(self.make(Stream(seed, lab, test, i), i)), self.measure, self.limit)
                for i in range(self.count)]


def fixed(name: str) -> Fixed:
    """The workload in a file of the lab's folder scenarios/."""
    return Fixed(name)


def generated(make: Callable[[Stream, int], Iterable[Operation]], count: int = 1,
              measure: bool = False, limit: int | None = None) -> Generated:
    """A workload made by a function of a random stream and the scenario's index."""
    return Generated(make, count, measure, limit)


def plays(*workloads: Fixed | Generated) -> Callable:
    """Says what a test plays, before it judges the outcome."""
    def decorate(test: Callable) -> Callable:
        test.workloads = workloads
        return test
    return decorate


