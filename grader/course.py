"""course.toml: what a course decides for itself."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from grader.errors import GraderError
from grader.labs import ROOT
from grader.results import number


@dataclass(frozen=True)
class Course:
    """`integrated_weight`: the points that the integrated stage adds to those of the labs."""

    integrated_weight: int = 0

    def integrated_stage(self, tests: list[dict]) -> dict:
        """The stage as results.json has it: a point a test, and what they weigh in the course."""
        scores = [test["score"] for test in tests]
        score = None if None in scores else sum(scores)
        share = None if score is None else Fraction(score, max(len(tests), 1))
        return {"score": score, "max_score": len(tests), "weight": self.integrated_weight,
                "weighted_score": None if share is None
                else number(share * self.integrated_weight),
                "tests": tests}


def load(path: Path = ROOT / "course.toml") -> Course:
    """Reads course.toml; without the file everything is as the kit has it."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        weight = table.get("integrated", {}).get("weight", 0)
    except FileNotFoundError:
        return Course()
    except (OSError, ValueError, AttributeError) as error:
        raise GraderError(f"{path}: {error}") from error
    if not isinstance(weight, int) or weight < 0:
        raise GraderError(f"{path}: [integrated] weight = {weight!r}: a number of points was "
                          "expected, 0 or more")
    return Course(weight)
