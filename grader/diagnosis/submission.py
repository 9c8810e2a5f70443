"""The diagnosis of a submission, from what was played at its grading, or by playing it once more."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from grader.course.labs import Lab
from grader.diagnosis import answers, match, table
from grader.diagnosis.match import Diagnosis
from grader.emulators import qemu
from grader.grading.outcome import Outcome
from grader.grading.stage_grading import PUBLIC_SEED, StageGrading
from grader.judging.verdict import Verdict

# What says something about a mistake; anything else, that there is nothing to be said.
_TELL = (Verdict.FAIL, Verdict.CRASH, Verdict.HANG)


def diagnosed(lab: Lab, grading: StageGrading, outcomes: Mapping[str, Outcome], build: Path) -> Diagnosis | None:
    """What is known of a graded submission; None where there is no table, or nothing to be diagnosed: all passes, or
    something is not written yet, which known mistakes never are.

    With the public seed nothing is played again: the mistakes were played with that.
    """
    known = table.load(build, lab) if grading.made.image and _is_wrong(outcomes) else None
    if not known:
        return None
    if grading.seed == PUBLIC_SEED and grading.boot is qemu.boot and set(outcomes) == set(known.right):
        given = {name: answers.of_test(lab, name, outcome.played, grading.toolchain.kernel_base)
                 for name, outcome in outcomes.items()}
    else:
        given = answers.play(lab, grading.made.image, grading.toolchain.kernel_base)
    shown = answers.symptoms(given, known.right)
    return match.diagnose(known, shown) if shown else None


def _is_wrong(outcomes: Mapping[str, Outcome]) -> bool:
    """Whether there is anything but right answers: a test that is too slow has no finding in its outcome."""
    found = [outcome.finding.verdict for outcome in outcomes.values() if outcome.finding]
    return all(verdict in _TELL for verdict in found)
