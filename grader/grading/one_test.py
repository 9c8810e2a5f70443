"""One graded test by itself, for a person who asks about it: graded once more, leaving no results.

The same submission, seed and KERNEL_BASE lead to the same outcome on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from grader.building import build, handed_in, stage
from grader.course import labs
from grader.course.labs import Lab
from grader.errors import GraderError
from grader.grading.stage_grading import PUBLIC_SEED, StageGrading
from grader.grading.outcome import NotPassed, Outcome
from grader.grading.workloads import Workload
from grader.judging.judge import Finding


@dataclass(frozen=True)
class OneTest:
    """What came of a test: `finding` is what it does not pass for, `share` the part of its points earned.

    `graded` has the image, and its stage.
    """

    lab: Lab
    name: str
    graded: StageGrading
    outcome: Outcome
    finding: Finding | None
    share: Fraction


def grade_one(toolchain: build.Toolchain, submission: Path, test: str, seed: str,
              stage_name: str, measure: bool = False) -> OneTest:
    """Grades the test `lab/name`; with `measure`, instructions are counted also where it does not ask for them. Raises
    GraderError where there is none of that name."""
    lab, name = _named(test)
    chosen = stage.named(lab, stage_name)
    handed_in.check(submission, [lab])
    if chosen.integrated and name not in lab.integrated:
        raise GraderError(f"TEST={test}: the integrated stage has of this lab only "
                          f"{', '.join(lab.integrated)}")
    graded = StageGrading(chosen, submission, toolchain, seed or PUBLIC_SEED)
    # The whole stage: its tests share the boots that shrinking may take.
    called = test if chosen.integrated else name
    works = graded.workloads()
    if measure:
        works = [_measured(work) if work.test == called else work for work in works]
    outcome = graded.run(works)[called]
    try:
        outcome.keeps_the_contract()
        if not chosen.integrated:  # it may want more than that the contract is kept
            lab.graded_tests[name](outcome)
    except NotPassed as error:
        return OneTest(lab, name, graded, outcome, error.finding, error.share)
    return OneTest(lab, name, graded, outcome, None, Fraction(1))


def _measured(work: Workload) -> Workload:
    return replace(work, scenarios=[replace(scenario, measure=True) for scenario in work.scenarios])


def _named(test: str) -> tuple[Lab, str]:
    slug, _, name = test.partition("/")
    if not name:
        raise GraderError(f"TEST={test}: a lab and a test were expected, as in TEST=buddy/"
                          "starts_empty")
    lab = labs.find(slug)
    if name not in lab.graded_tests:
        raise GraderError(f"TEST={test}: lab {slug} has no test '{name}', only: "
                          f"{', '.join(lab.graded_tests)}")
    return lab, name
