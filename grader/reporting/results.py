"""results.json: what a grading ended with, in the format of docs/results.md, version 1."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from grader.errors import GraderError
from grader.judging.verdict import Verdict
from grader.points import number

SCHEMA = "marionette-labs/results/v1"
_MOST_KEPT = 64 << 20  # bytes


@dataclass(frozen=True)
class TestResult:
    """One graded test. `share` is the part of its points earned, from 0 to 1."""

    name: str
    verdict: Verdict
    max_score: int
    share: Fraction
    message: str = ""
    idea: str = ""
    figures: tuple[str, ...] = ()  # what was measured, a line each, also of a test that passed
    __test__ = False  # pytest takes whatever begins with Test for one of its own

    @property
    def score(self) -> float | int | None:
        """The points; None where infrastructure broke."""
        return number(self.share * self.max_score) if self.verdict.has_score else None


@dataclass
class LabResult:
    """All tests of one lab."""

    lab: str
    tests: list[TestResult] = field(default_factory=list)

    @property
    def score(self) -> float | int | None:
        """The sum of the tests' points; None if one of them has none."""
        if not all(test.verdict.has_score for test in self.tests):
            return None
        return number(sum((test.share * test.max_score for test in self.tests), Fraction(0)))

    @property
    def max_score(self) -> int:
        """What the lab is worth."""
        return sum(test.max_score for test in self.tests)


@dataclass
class Results:
    """A whole grading."""

    seed: str
    emulator: str
    labs: list[LabResult] = field(default_factory=list)
    integrated: dict = field(default_factory=dict)
    extra: dict = field(default_factory=dict)
    examples: dict = field(default_factory=dict)  # where the course gives points for them

    @property
    def score(self) -> float | int | None:
        """The sum over the labs; None if one of them has none."""
        scores = [lab.score for lab in self.labs]
        if self._weight:
            scores.append(self.integrated["weighted_score"])
        if self.examples:
            scores.append(self.examples["score"])
        return None if None in scores else number(sum(map(Fraction, scores), Fraction(0)))

    @property
    def max_score(self) -> int:
        """What the graded labs are worth together, with what the course adds for the whole."""
        return sum(lab.max_score for lab in self.labs) + self._weight + self.examples.get("max_score", 0)

    @property
    def _weight(self) -> int:
        return self.integrated.get("weight", 0)

    def as_json(self) -> dict:
        """The table that results.json holds."""
        return {
            "schema": SCHEMA,
            "score": self.score,
            "max_score": self.max_score,
            "seed": self.seed,
            "emulator": self.emulator,
            "labs": [{"lab": lab.lab, "score": lab.score, "max_score": lab.max_score,
                      "tests": [{"name": test.name, "verdict": test.verdict.value,
                                 "score": test.score, "max_score": test.max_score,
                                 "message": test.message} for test in lab.tests]}
                     for lab in self.labs],
            "integrated": self.integrated,
            **({"examples": self.examples} if self.examples else {}),
            "figures": {f"{lab.lab}/{test.name}": list(test.figures)
                        for lab in self.labs for test in lab.tests if test.figures},
            **self.extra,
        }


def prepare(folder: Path) -> None:
    """Makes the output folder. Raises GraderError, before anything is graded, if it can't be used."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder)
        os.close(handle)
        os.unlink(name)
    except OSError as error:
        raise GraderError(f"can't write to {folder}: {error.strerror}. Name another folder with "
                          "OUT=.") from error


def write_whole(path: Path, text: str) -> None:
    """Writes a file that is there whole or not at all, whenever the program ends, making its folder. Raises
    GraderError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise GraderError(f"can't write {path}: {error.strerror}") from error


def kept(path: Path) -> object:
    """The JSON in a file that an earlier run left, or somebody put in its place. Raises OSError, or ValueError where
    it is no such file."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_KEPT:
            raise ValueError(f"{path} is no plain file, or too large")
        try:
            return json.loads(file.read())
        except RecursionError:
            raise ValueError(f"{path} has lists within lists without end") from None


def save(results: Results, folder: Path) -> Path:
    """Writes results.json into the output folder; returns its path."""
    path = folder / "results.json"
    write_whole(path, json.dumps(results.as_json(), indent=1, ensure_ascii=True) + "\n")
    return path
