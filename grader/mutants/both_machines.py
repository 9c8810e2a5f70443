"""Whether QEMU and the other emulators come to the same verdicts, on the mistakes that the grader is tested with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from grader import emulators
from grader.building import build
from grader.course.labs import Lab
from grader.emulators import machine
from grader.mutants import scoring, sources
from grader.mutants.scoring import Mark
from grader.mutants.sources import Candidate


@dataclass(frozen=True)
class Compared:
    """What one candidate gets, test by test, in each emulator (by its name)."""

    candidate: Candidate
    marks: dict[str, list[Mark]]

    @property
    def differences(self) -> list[str]:
        """In words: the tests whose verdict, points or headline are not the same."""
        return [f"{several[0].test}: " + ", ".join(
                    f"{name} {mark.verdict} {mark.points:g} ({mark.headline})"
                    for name, mark in zip(self.marks, several, strict=True))
                for several in zip(*self.marks.values(), strict=True) if len(set(several)) > 1]

    @property
    def failed(self) -> int:
        """How many tests did not pass, in the first emulator."""
        return sum(mark.verdict != "pass" for mark in next(iter(self.marks.values())))


def compare(toolchain: build.Toolchain, chosen: Sequence[Lab], seed: str,
            jobs: int, machines: Sequence[str]) -> Iterator[Compared]:
    """Grades the reference and every hand-written mutant of some labs in some emulators, each as it is done."""
    pool = ThreadPoolExecutor(jobs)
    try:
        futures = [pool.submit(compared, toolchain, lab, candidate, seed, machines)
                   for lab in chosen for candidate in candidates(lab)]
        for future in as_completed(futures):
            yield future.result()
    except BaseException:
        machine.stop_all()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def candidates(lab: Lab) -> list[Candidate]:
    """The reference, and what is known to be wrong."""
    reference = next(c for c in sources.alternatives(lab) if c.name == "reference")
    return [reference, *sources.written(lab)]


def compared(toolchain: build.Toolchain, lab: Lab, candidate: Candidate, seed: str,
             machines: Sequence[str]) -> Compared:
    """Grades one candidate in each emulator."""
    boots: dict[str, Callable] = {name: emulators.find(name).boot for name in machines}
    return Compared(candidate, {name: scoring.marks(lab, candidate.text, toolchain, seed, boot)
                                for name, boot in boots.items()})
