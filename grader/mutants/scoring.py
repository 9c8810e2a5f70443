"""What a solution gets in one lab: the graded tests without pytest, shrinking and report."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from grader.building import build, handed_in, stage
from grader.course import labs
from grader.course.labs import ROOT, Lab, Test
from grader.emulators import qemu
from grader.emulators.machine import Boot
from grader.errors import Infrastructure
from grader.grading import workloads
from grader.grading.stage_grading import StageGrading
from grader.grading.outcome import NotPassed, Outcome
from grader.judging.verdict import Verdict
from grader.points import number


@dataclass(frozen=True)
class Mark:
    """What became of one graded test."""

    test: str
    verdict: str
    points: float
    lost: float
    headline: str = ""


def marks(lab: Lab, text: str, toolchain: build.Toolchain, seed: str,
          boot: Callable[..., Boot] = qemu.boot, only: str = "") -> list[Mark]:
    """Grades a solution's text with the reference for the other labs: in all of the lab's tests, or in one."""
    tests = [test for test in lab.tests if only in ("", test.name)]
    with tempfile.TemporaryDirectory(prefix="marionette-") as folder:
        (Path(folder) / lab.files[0]).write_text(text, encoding="utf-8")
        graded = StageGrading(stage.alone(lab), Path(folder), toolchain, seed, boot=boot, rounds=0)
        outcomes = graded.run([workloads.of_test(lab, lab.graded_tests[test.name], seed) for test in tests])
    return [_mark(lab, test, outcomes[test.name]) for test in tests]


def _mark(lab: Lab, test: Test, outcome: Outcome) -> Mark:
    try:
        lab.graded_tests[test.name](outcome)
        return Mark(test.name, Verdict.PASS.value, test.points, 0)
    except NotPassed as error:
        finding = error.finding
        if not finding.verdict.has_score:
            raise Infrastructure(finding.rule) from error
        return Mark(test.name, finding.verdict.value, number(error.share * test.points),
                    number((Fraction(1) - error.share) * test.points), finding.rule)


def elsewhere(lab: Lab, text: str, toolchain: build.Toolchain, seed: str) -> dict[str, float]:
    """The points that the reference, but for this text, loses in the labs that it is not in. A lab
    that gets the very image that the reference gets loses none."""
    lost = {}
    with tempfile.TemporaryDirectory(prefix="marionette-") as folder:
        submission = Path(folder)
        shutil.copytree(ROOT / "solutions" / "mm", submission, dirs_exist_ok=True)
        (submission / lab.files[0]).write_text(text, encoding="utf-8")
        for other in labs.all_labs():
            if other.slug == lab.slug:
                continue
            if _stage(other, submission, toolchain) == _stage(other, ROOT / "solutions", toolchain):
                lost[other.slug] = 0
                continue
            theirs = handed_in.files(other, submission)[other.files[0]].read_text("utf-8")
            lost[other.slug] = sum(mark.lost for mark in marks(other, theirs, toolchain, seed))
    return lost


def _stage(lab: Lab, submission: Path, toolchain: build.Toolchain) -> Path:
    return build.image(toolchain, handed_in.files(lab, submission))
