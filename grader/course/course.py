"""course.toml: what a course decides for itself (docs/course.md).

Only the weights of `[integrated]` and `[examples]`, and `[search]`, touch results.json. Weights, dates and the roster
are for the gradebook: a grade can be worked out again from results.json and this file, whatever the day.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil
from pathlib import Path

from grader.course import labs, people
from grader.course.course_table import Table
from grader.course.labs import ROOT, Lab
from grader.course.people import ByHand
from grader.errors import GraderError
from grader.points import number

_DAY = timedelta(days=1)
_ADDRESS = re.compile(r"https?://[\w.:/~%-]+", re.ASCII)  # nothing that means something in HTML, TOML or Markdown


@dataclass(frozen=True)
class Late:
    """What lateness costs: percent of what was earned for each day begun, never more than `cap`.

    Within `grace` after the due date it costs nothing; after it the days count from the due date.
    """

    percent_per_day: Fraction = Fraction(0)
    grace: timedelta = timedelta(0)
    cap: Fraction = Fraction(100)  # percent
    slip_days: int = 0  # that cost a student nothing, in all labs together


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

    def days_late(self, submitted: datetime, rule: Late) -> int:
        """The days begun since it was due."""
        if not self.due or submitted <= self.due + rule.grace:
            return 0
        return ceil((submitted - self.due) / _DAY)

    def taken_off(self, submitted: datetime, rule: Late, forgiven: int = 0) -> Fraction:
        """The percent of the points that lateness costs, 0 to 100, where so many days are forgiven."""
        if self.late and submitted > self.late:
            return Fraction(100)
        days = max(0, self.days_late(submitted, rule) - forgiven)
        return min(rule.cap, rule.percent_per_day * days)

    @property
    def in_words(self) -> str:
        """When it is due, and how long it is taken; "" if it never is."""
        def told(moment: datetime) -> str:
            return f"{moment:%A, %d %B %Y, %H:%M} ({moment:UTC%z})"
        if not self.due:
            return ""
        return told(self.due) + (f"; taken until {told(self.late)}" if self.late else "")

    def extended(self, due: datetime | None) -> Dates:
        """The dates of a student who has another one: the last day moves with it."""
        if not due:
            return self
        late = self.late + max(due - self.due, timedelta(0)) if self.late and self.due else self.late
        return replace(self, due=due, late=late)


@dataclass(frozen=True)
class Course:
    """A course's rules. `integrated_weight` are the points that the integrated stage adds, `examples_weight` those that
    a lab's examples do.

    `weights` has what full marks in a lab are worth, where that is not what the lab says; `roster` a
    row a student, by column, `id` and `name` first; `secret` is the file that official seeds come from.
    With `diagnosis_for_students` reports say which known mistake a submission behaves like. With `search_counts`
    submissions are searched in official runs, and tests fail of what that finds.
    """

    integrated_weight: int = 0
    weights: Mapping[str, Fraction] = field(default_factory=dict)
    dates: Mapping[str, Dates] = field(default_factory=dict)
    late: Late = Late()
    roster: tuple[Mapping[str, str], ...] = ()
    secret: Path | None = None
    examples_weight: int = 0
    group: str = ""  # the roster's column that says who works with whom
    also: tuple[str, ...] = ()  # the roster's columns that hold a student's other names
    extensions: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)  # due dates by student and lab
    items: Mapping[str, Fraction] = field(default_factory=dict)  # what is graded by hand beside the labs, and its points
    by_hand: Mapping[str, Mapping[str, ByHand]] = field(default_factory=dict)  # by student and by what it is for
    drop: int = 0  # so many of a student's labs do not count: those in which he was worst
    diagnosis_for_students: bool = False
    search_counts: bool = False
    site: str = ""  # the address of the labs' web site, ending in /

    def who(self, name: str) -> str:
        """The roster's id of whoever a course site calls so (grader/course/people.py)."""
        return people.who(name, self.roster, self.also)

    def dates_of(self, student: str, lab: str) -> Dates:
        """A lab's dates for one student."""
        return self.dates.get(lab, Dates()).extended(self.extensions.get(student, {}).get(lab))

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
    examples, diagnosis, search = top.table("examples"), top.table("diagnosis"), top.table("search")
    roster, by_hand, drop, site = top.table("roster"), top.table("by_hand"), top.table("drop"), top.table("site")
    dates, items = _dates(top.table("dates")), _items(by_hand.table("items"))
    course = Course(integrated.whole("weight"), _weights(top.table("weights")), dates, _late(late),
                    _roster(roster), official.file("secret"), examples.whole("weight"), roster.text("group"),
                    roster.texts("also"), _extensions(top.table("extensions")), items, _by_hand(by_hand, items),
                    drop.whole("labs"), diagnosis.yes("students"), search.yes("counts"), _site(site))
    for table in (integrated, examples, diagnosis, search, late, official, roster, by_hand, drop, site, top):
        table.done()
    _check_columns(roster, course)
    return course


def _check_columns(roster: Table, course: Course) -> None:
    for key, column in [("group", course.group), *(("also", name) for name in course.also)]:
        if column and course.roster and column not in course.roster[0]:
            raise roster.error(key, f"the roster has no column '{column}', only: {', '.join(course.roster[0])}")


def _site(table: Table) -> str:
    address = table.text("address")
    if address and not _ADDRESS.fullmatch(address):
        raise table.error("address", f"{address!r}: an address was expected, as https://labs.example.org/")
    return address.rstrip("/") + "/" if address else ""


def _items(table: Table) -> dict[str, Fraction]:
    known = [lab.slug for lab in labs.all_labs()]
    for name in table.keys():
        if name in (*known, "integrated", "examples"):
            raise table.error(name, "a lab's name: its points by hand go into the file, without an item")
    return {name: table.points(name) for name in table.keys()}


def _by_hand(table: Table, items: Mapping[str, Fraction]) -> dict[str, dict[str, ByHand]]:
    path = table.file("file")
    return people.read_by_hand(path, [*(lab.slug for lab in labs.all_labs()), *items]) if path else {}


def _extensions(table: Table) -> dict[str, dict[str, datetime]]:
    found = {}
    for student in table.keys():
        entry = table.table(student)
        found[student] = {lab: entry.moment(lab) for lab in _labs_in(entry)}
    return found


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
    return Late(percent, timedelta(minutes=float(table.points("grace_minutes"))), cap, table.whole("slip_days"))


def _roster(table: Table) -> tuple[dict[str, str], ...]:
    path = table.file("file")
    return people.read_roster(path) if path else ()
