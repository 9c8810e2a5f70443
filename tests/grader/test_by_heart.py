"""Submissions that know by heart what the self-test wants to hear earn next to nothing in an official run.

by_heart/LAB.cpp answers from a table that is made from what the reference answers in the self-test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import HERE, ROOT
from corpus import OFFICIAL, works

from grader.building import build, stage
from grader.course import labs
from grader.evidence.records import Record, Run
from grader.grading.stage_grading import PUBLIC_SEED, StageGrading
from grader.grading.outcome import Outcome

FOLDER = HERE / "by_heart"
PANIC = 0xFFFFFFFF
Answer = tuple[int, int, int]  # of table.inc


def noted(so_far: int, *words: int) -> int:
    """`note`, in Python."""
    for word in words:
        so_far = ((so_far ^ word) * 16777619 + 1) & 0xFFFFFFFF
    return so_far


def buddy_calls(record: Record) -> Iterator[tuple[int, ...]]:
    """The words that buddy.cpp notes in an operation that is no request and no free."""
    if record.verb == "init":
        yield 0, record.arguments[0]
    elif record.verb == "beside":
        yield from ((0, 64), (2, 0, 64), (1, 64, 64))
    elif record.verb == "comb":
        first, step, count = record.arguments
        yield from ((2, first + i * step, 1) for i in range(count))


def ppalloc_calls(record: Record) -> Iterator[tuple[int, ...]]:
    """The words that ppalloc.cpp notes of a map: what its halves come to, one after the other."""
    if record.verb == "region":
        base, length, kind = record.arguments
        yield from ((n & 0xFFFFFFFF, n >> 32) for n in (base, length))
        yield (kind,)
    elif record.verb == "reserve":
        yield record.arguments


CALLS = {"buddy": buddy_calls, "ppalloc": ppalloc_calls}


def answers_of(run: Run, calls: Callable[[Record], Iterator[tuple[int, ...]]]) -> Iterator[Answer]:
    """What there is to know by heart of one scenario."""
    so_far = 0
    for record in run.records:
        for words in calls(record):
            so_far = noted(so_far, *words)
        if record.verb == "free":
            after = noted(so_far, 2, *record.arguments)
            if record.panicked:
                yield after, PANIC, 0
            else:
                so_far = after
        elif record.verb in ("alloc", "ask"):
            so_far = noted(so_far, 1, *record.arguments)
        if "count" in record.results:
            yield so_far, record.results["count"], record.results.get("start", 0)


@dataclass(frozen=True)
class Attack:
    """Knowing a lab's answers by heart. `out_of_reach` are tests in which a kernel starts on the answers, which takes
    long and ends badly, or whose answers are not told one by one; `kept` those whose scenarios are the same for
    everybody."""

    slug: str
    out_of_reach: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()

    @property
    def lab(self) -> labs.Lab:
        """The lab attacked."""
        return labs.find(self.slug)

    def text(self, toolchain: build.Toolchain) -> str:
        """The submission, which knows the self-test's answers."""
        honest = self.graded(toolchain, ROOT / "solutions", PUBLIC_SEED)
        known = {answer[0]: answer for outcome in honest.values() for played in outcome.played
                 for answer in answers_of(played.run, CALLS[self.slug])}
        table = (FOLDER / "table.inc").read_text(encoding="utf-8").replace(
            "@ANSWERS@", ",\n".join("{%u, %u, %u}" % known[key] for key in sorted(known)))
        return (FOLDER / f"{self.slug}.cpp").read_text(encoding="utf-8").replace("@TABLE@", table)

    def passed(self, toolchain: build.Toolchain, submission: Path, seed: str) -> set[str]:
        """The tests that a submission passes, of those within reach."""
        return {name for name, outcome in self.graded(toolchain, submission, seed).items()
                if not outcome.finding}

    def graded(self, toolchain: build.Toolchain, submission: Path, seed: str) -> dict[str, Outcome]:
        """The outcomes by test."""
        played = [work for work in works(self.lab, seed) if work.test not in self.out_of_reach]
        return StageGrading(stage.alone(self.lab), submission, toolchain, seed, rounds=0).run(played)


ATTACKS = [Attack("buddy", frozenset({"any_history", "two_allocators"})),
           Attack("ppalloc", frozenset({"machine"}), frozenset({"large_machine"}))]


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack.slug for attack in ATTACKS])
def test_answers_known_by_heart(attack: Attack, toolchain: build.Toolchain,
                                tmp_path: Path) -> None:
    """They are worth everything in the self-test, and next to nothing to a student of another seed."""
    (tmp_path / attack.lab.files[0]).write_text(attack.text(toolchain), encoding="utf-8")
    every = {test.name for test in attack.lab.tests} - attack.out_of_reach
    assert attack.passed(toolchain, tmp_path, PUBLIC_SEED) == every
    assert attack.passed(toolchain, tmp_path, OFFICIAL) == attack.kept
    assert sum(attack.lab.test(name).points for name in attack.kept) < 15
