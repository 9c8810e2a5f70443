"""course.toml: what the integrated stage weighs."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import course
from grader.errors import GraderError
from grader.results import LabResult, Results


def stage_tests(*scores: int | None) -> list[dict]:
    """The integrated stage's tests, by their points."""
    return [{"name": f"t{i}", "verdict": "pass", "score": score, "max_score": 1, "message": ""}
            for i, score in enumerate(scores)]


def total(weight: int, *scores: int | None) -> tuple:
    """The whole grading's points and maximum, without any lab."""
    results = Results("1", "qemu", [LabResult("buddy")],
                      course.Course(weight).integrated_stage(stage_tests(*scores)))
    return results.score, results.max_score


@pytest.mark.parametrize(("weight", "scores", "expected"), [
    (0, (1, 0), (0, 0)),
    (60, (1, 1, 0), (40, 60)),
    (60, (0, 0, 0), (0, 60)),  # not handed in: nothing, and not no score
    (60, (1, None), (None, 60)),  # infrastructure broke
    (0, (1, None), (0, 0)),  # it broke where nothing depends on it
])
def test_weight(weight: int, scores: tuple, expected: tuple) -> None:
    assert total(weight, *scores) == expected


@pytest.mark.parametrize("text", ["[integrated]\nweight = -1\n", "[integrated]\nweight = 'much'\n",
                                  "integrated = 3\n", "[integrated\n"])
def test_what_is_wrong_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "course.toml"
    path.write_text(text)
    with pytest.raises(GraderError, match=str(path)):
        course.load(path)


def test_without_a_file_the_kits_own(tmp_path: Path) -> None:
    assert course.load(tmp_path / "none.toml") == course.Course()
