"""What stands behind the hand-written mistakes: LAB/misconceptions.toml, with the handout's section about each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping

from grader.course.labs import Lab
from grader.diagnosis.table import Misconception
from grader.errors import GraderError
from grader.mutants.sources import FOLDER, Candidate

ELSEWHERE = "Common mistakes"  # the section that every handout has


def load(lab: Lab) -> dict[str, Misconception]:
    """By the mistakes' names; none where a lab has no such file. Raises GraderError."""
    path = FOLDER / lab.slug / "misconceptions.toml"
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["misconception"]
        return {name: Misconception(entry["words"], entry["section"]) for entry in entries for name in entry["mistakes"]}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GraderError(f"{path}: no list of [[misconception]] with words, section and mistakes: {error}") from error


def of(known: Mapping[str, Misconception], mistake: Candidate) -> Misconception:
    """What stands behind a mistake; one that nobody has sorted in stands for itself."""
    return known.get(mistake.name) or known.get(mistake.like) or Misconception(f"not so: {mistake.about}", ELSEWHERE)
