"""course.toml: what a course decides for itself (docs/course.md).

Only the weights of `[integrated]` and `[examples]` touch results.json. Weights, dates and the roster are for the gradebook: a
grade can be worked out again from results.json and this file, whatever the day.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil
from pathlib import Path

from grader.course import labs
from grader.course.course_table import Table
from grader.course.labs import ROOT, Lab
from grader.errors import GraderError
from grader.points import number

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Late:
    """What lateness costs: percent of what was earned for each day begun, never more than `cap`.

    Within `grace` after the due date it costs nothing; after it the days count from the due date.
    """

    percent_per_day: Fraction = Fraction(0)
    grace: timedelta = timedelta(0)
    cap: Fraction = Fraction(100)  # percent


@dataclass(frozen=True)
class Dates:
    """When a lab is out, due, and no longer taken; None: no such limit.

    From `reference` on its solution may lie in students' kits as an object; None: as soon as another
    lab that is out needs it.
    """

    release: datetime | None = None
    due: datetime | None = None
    late: datetime | None = None
    reference: datetime | None = None

    def taken_off(self, submitted: datetime, rule: Late) -> Fraction:
        """The percent of the points that lateness costs, 0 to 100."""
        if self.late and submitted > self.late:
            return Fraction(100)
        if not self.due or submitted <= self.due + rule.grace:
            return Fraction(0)
        days = ceil((submitted - self.due) / _DAY)
        return min(rule.cap, rule.percent_per_day * days)


@dataclass(frozen=True)
class Course:
    """A course's rules. `integrated_weight` are the points that the integrated stage adds, `examples_weight` those that
    a lab's examples do.

    `weights` has what full marks in a lab are worth, where that is not what the lab says; `roster` a
    row a student, by column, `id` and `name` first; `secret` is the file that official seeds come from.
    """

    integrated_weight: int = 0
    weights: Mapping[str, Fraction] = field(default_factory=dict)
    dates: Mapping[str, Dates] = field(default_factory=dict)
    late: Late = Late()
    roster: tuple[Mapping[str, str], ...] = ()
    secret: Path | None = None
    examples_weight: int = 0

    def integrated_stage(self, tests: list[dict]) -> dict:
        """The stage as results.json has it: a point a test, and what they weigh in the course."""
        scores = [test["score"] for test in tests]
        score = None if None in scores else sum(scores)
        share = None if score is None else Fraction(score, max(len(tests), 1))
        return {"score": score, "max_score": len(tests), "weight": self.integrated_weight,
                "weighted_score": None if share is None
                else number(share * self.integrated_weight),
                "tests": tests}

    def weight(self, lab: str, points: int) -> Fraction:
        """What full marks in a lab are worth; `points` is what they are in the lab itself."""
        return self.weights.get(lab, Fraction(points))

    def all_weights(self, graded: Iterable[Lab]) -> dict[str, float | int]:
        """What the graded labs, the integrated stage and a lab's examples are worth, as results.json has it."""
        return {**{lab.slug: number(self.weight(lab.slug, lab.points)) for lab in graded},
                "integrated": self.integrated_weight,
                **({"examples": self.examples_weight} if self.examples_weight else {})}


def load(path: Path = ROOT / "course.toml") -> Course:
    """Reads course.toml; without the file everything is as the kit has it. Raises GraderError, which
    names the file and the key."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Course()
    except (OSError, ValueError) as error:
        raise GraderError(f"{path}: {error}") from error
    top = Table(path, "", content)
    integrated, late, official = top.table("integrated"), top.table("late"), top.table("official")
    examples = top.table("examples")
    course = Course(integrated.whole("weight"), _weights(top.table("weights")),
                    _dates(top.table("dates")), _late(late), _roster(top.table("roster")),
                    official.file("secret"), examples.whole("weight"))
    for table in (integrated, examples, late, official, top):
        table.done()
    return course


def _weights(table: Table) -> dict[str, Fraction]:
    return {lab: table.points(lab) for lab in _labs_in(table)}


def _labs_in(table: Table) -> list[str]:
    """The table's keys, which are labs."""
    known = [lab.slug for lab in labs.all_labs()]
    for lab in table.keys():
        if lab not in known:
            raise table.error(lab, f"there is no such lab, only: {', '.join(known)}")
    return table.keys()


def _dates(table: Table) -> dict[str, Dates]:
    found = {}
    for lab in _labs_in(table):
        entry = table.table(lab)
        dates = Dates(entry.moment("release"), entry.moment("due"), entry.moment("late"),
                      entry.moment("reference"))
        entry.done()
        in_order = [moment for moment in (dates.release, dates.due, dates.late) if moment]
        if in_order != sorted(in_order):
            raise table.error(lab, "release, due and late are expected in this order")
        found[lab] = dates
    return found


def _late(table: Table) -> Late:
    percent, cap = table.points("percent_per_day"), table.points("cap_percent", Fraction(100))
    if cap > 100:
        raise table.error("cap_percent", "at most 100 was expected")
    return Late(percent, timedelta(minutes=float(table.points("grace_minutes"))), cap)


def _roster(table: Table) -> tuple[dict[str, str], ...]:
    path = table.file("file")
    table.done()
    return read_roster(path) if path else ()


def read_roster(path: Path) -> tuple[dict[str, str], ...]:
    """The rows of a roster: CSV in UTF-8 with a head that begins with `id` and `name`. Raises
    GraderError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            head, rows = list(reader.fieldnames or ()), list(reader)
    except (OSError, ValueError, csv.Error) as error:
        raise GraderError(f"{path}: the roster can't be read: {error}") from error
    if head[:2] != ["id", "name"]:
        raise GraderError(f"{path}:1: expected: id,name and any further columns")
    seen: set[str] = set()
    for line, row in enumerate(rows, 2):
        if None in row or None in row.values():
            raise GraderError(f"{path}:{line}: as many cells as in the first line were expected")
        if not row["id"] or row["id"] in seen:
            raise GraderError(f"{path}:{line}: id '{row['id']}': one of its own was expected")
        seen.add(row["id"])
    return tuple(rows)
