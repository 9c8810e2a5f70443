"""What a graded test plays: scenarios from files, and scenarios made from the seed.

A test file names its workload beside its judgement:

    @plays(fixed("empty-start"))
    def test_empty_start(outcome):
        outcome.keeps_the_contract()
"""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.errors import GraderError
from grader.scenarios import lab_files, scenario as scenarios
from grader.scenarios.scenario import Operation, Scenario
from grader.scenarios.stream import Stream


Limit = int | None | tuple[int | None, ...]


@cache
def _fixed(path: Path) -> tuple[Scenario, ...]:
    return tuple(scenarios.load(path))


@dataclass(frozen=True)
class Fixed:
    """The scenarios of labs/LAB/scenarios/NAME.scenario."""

    name: str

    def scenarios(self, folder: Path, lab: str, test: str, seed: str) -> list[Scenario]:
        """Reads them. The folder is the lab's; what else a workload may depend on goes unused."""
        del lab, test, seed
        return list(_fixed(folder / "scenarios" / f"{self.name}.scenario"))


@dataclass(frozen=True)
class Generated:
    """`count` scenarios, the i-th made by make(stream, i) from a stream of its own.

    `limit` is how many instructions an operation may take, in all of them or in each: a small one before a large one
    finds out what never comes back, and soon. `shrinks` says whether one that fails is to be shrunk: not where it is
    short, and slow to play.
    """

    make: Callable[[Stream, int], Iterable[Operation]]
    count: int
    measure: bool = False
    limit: Limit = None
    limited: tuple[str, ...] = ()
    shrinks: bool = True

    def scenarios(self, folder: Path, lab: str, test: str, seed: str) -> list[Scenario]:
        """Makes them, from the seed, the lab's name and the test's."""
        del folder
        limits = self.limit if isinstance(self.limit, tuple) else (self.limit,) * self.count
        return [Scenario(lab, f"{test}-{i + 1}",
                         tuple(self.make(Stream(seed, lab, test, i), i)), self.measure, limit,
                         self.limited, shrinks=self.shrinks)
                for i, limit in zip(range(self.count), limits, strict=True)]


@dataclass(frozen=True)
class Siblings:
    """`count` scenarios like those of labs/LAB/scenarios/NAME.scenario, made from the seed: by the
    function of that name (with _ for -) in the lab's siblings.py. So nobody knows them by heart."""

    name: str
    count: int
    options: dict[str, object]

    def scenarios(self, folder: Path, lab: str, test: str, seed: str) -> list[Scenario]:
        """Makes them, from the seed, the lab's name and their own."""
        del test
        name = self.name.replace("-", "_")
        make = getattr(lab_files.module(folder, "siblings"), name, None)
        if make is None:
            raise GraderError(f"{folder}/siblings.py has no function {name}, for siblings of {self.name}.scenario")
        return Generated(make, self.count, **self.options).scenarios(folder, lab, self.name, seed)


@dataclass(frozen=True)
class Trace:
    """A recording of what a real program allocated: labs/LAB/traces/NAME.trace.xz, or .gz.

    Its lines are `malloc ID SIZE`, `realloc ID SIZE` and `free ID`. The first `length` of them are
    played quietly, but for what goes wrong, and what is left is freed; then the pages are counted
    (`kvpages`).
    """

    name: str
    length: int

    def scenarios(self, folder: Path, lab: str, test: str, seed: str) -> list[Scenario]:
        """Reads it; tests that play the same trace get the same scenario."""
        del test, seed
        return self._scenarios(folder, lab)

    @cache
    def _scenarios(self, folder: Path, lab: str) -> list[Scenario]:
        played = [Operation("boot", ()), Operation("frames", ()), Operation("quiet", ())]
        live = {}
        for line in self._lines(folder)[:self.length]:
            verb, *numbers = line.split()
            if verb == "malloc" or (verb == "realloc" and numbers[0] not in live):
                name = live[numbers[0]] = f"b{numbers[0]}"
                played.append(Operation("malloc", (numbers[1],), name))
            elif verb == "realloc":
                name = live[numbers[0]]
                played.append(Operation("realloc", (name, numbers[1]), name))
            else:
                played.append(Operation("free", (live.pop(numbers[0]),)))
        played += [Operation("free", (name,)) for name in live.values()]
        played += [Operation("loud", ()), Operation("kvpages", ())]
        return [Scenario(lab, f"trace-{self.name}", tuple(played))]

    def _lines(self, folder: Path) -> list[str]:
        path = next((folder / "traces").glob(f"{self.name}.trace.*"), None)
        if path is None:
            raise GraderError(f"{folder}/traces has no {self.name}.trace.xz or .gz")
        unpack = {".xz": lzma.decompress, ".gz": gzip.decompress}[path.suffix]
        lines = unpack(path.read_bytes()).decode("ascii").splitlines()
        return [line for line in lines if line and not line.startswith("#")]


def fixed(name: str) -> Fixed:
    """The workload in a file of the lab's folder scenarios/."""
    return Fixed(name)


def generated(make: Callable[[Stream, int], Iterable[Operation]], count: int = 1,
              measure: bool = False, limit: Limit = None, limited: tuple[str, ...] = (),
              shrinks: bool = True) -> Generated:
    """A workload made by a function of a random stream and the scenario's index."""
    return Generated(make, count, measure, limit, limited, shrinks)


def siblings(name: str, count: int, **options: object) -> Siblings:
    """The workload that a function of the lab's siblings.py makes, beside the file of that name;
    `options` are those of `generated`."""
    return Siblings(name, count, options)


def trace(name: str, length: int) -> Trace:
    """The workload in the first `length` lines of a file of the lab's folder traces/."""
    return Trace(name, length)


def plays(*workloads: Fixed | Generated | Siblings | Trace) -> Callable:
    """Says what a test plays, before it judges the outcome."""
    def decorate(test: Callable) -> Callable:
        test.workloads = workloads
        return test
    return decorate
