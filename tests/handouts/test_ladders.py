"""The steps of the handouts: with what is written by then, exactly the tests pass that were named by then."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import ladder
from built import build_folder  # noqa: F401: a fixture

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from grader.building import build  # noqa: E402: needs the path above
from grader.course import handouts, labs  # noqa: E402
from grader.grading.stage_grading import PUBLIC_SEED  # noqa: E402
from grader.judging.verdict import Verdict  # noqa: E402
from grader.mutants import scoring  # noqa: E402

LADDERS = [(h.lab, list(ladder.steps(h.lab, h.path))) for h in handouts.all_handouts()
           if h.lab and ladder.has_steps(h.path)]
# The last step is the reference itself, or another right solution: those are graded elsewhere.
PARTS = [pytest.param(lab, step, id=f"{lab.slug}-{step.number}")
         for lab, steps in LADDERS for step in steps[:-1]]


def test_the_kits_own_labs_have_steps() -> None:
    assert len(LADDERS) >= 6


@pytest.mark.parametrize(("lab", "steps"), LADDERS, ids=[lab.slug for lab, _ in LADDERS])
def test_after_the_last_step_every_test_was_named(lab: labs.Lab, steps: list[ladder.Step]) -> None:
    assert steps[-1].named == {test.name for test in lab.tests}
    assert len(steps) > 1


@pytest.mark.parametrize(("lab", "step"), PARTS)
def test_after_a_step_what_it_names_can_pass(lab: labs.Lab, step: ladder.Step, build_folder: Path) -> None:
    marks = scoring.marks(lab, step.text, build.Toolchain.load(build_folder), PUBLIC_SEED)
    assert {mark.test for mark in marks if mark.verdict == Verdict.PASS.value} == step.named
