"""The gradebook: CSV, a line a student, with the course's weights, dates and roster applied.

No cell is ever a formula, whatever a student calls himself or his folder.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction

from grader.course import labs
from grader.course.course import Course, Dates
from grader.course.people import ByHand
from grader.errors import GraderError
from grader.formats.format import Context, Format
from grader.formats.text import plain
from grader.judging.verdict import Verdict
from grader.points import counted, number

# Where a spreadsheet would begin to calculate: at the start of a cell, whatever it takes for a separator.
_FORMULA = re.compile(r"(^|[;,|\t\"])(\s*)(?=[=+\-@＝＋－＠])")


_NOTHING = (Verdict.TODO.value, Verdict.NOT_RUN.value)  # nothing was written

BROKEN = "not graded: the grading broke"
NOT_YET = "not graded yet"


@dataclass(frozen=True)
class Entry:
    """What one student handed in: `results` is results.json's table, None where there is none, which
    `missing` says.

    `submitted` is when; `of_labs` when, for labs that were handed in at a time of their own; `remark` what
    has to be known of these times.
    """

    student: str
    results: dict | None
    submitted: datetime | None = None
    of_labs: Mapping[str, datetime] = field(default_factory=dict)
    remark: str = ""
    missing: str = BROKEN


def table(entries: Sequence[Entry], course: Course, everybody: bool = True) -> str:
    """The whole gradebook: in the roster's order, with or without those who handed in nothing; then
    whoever is not in it. Raises GraderError."""
    by_student = _by_student(entries, course)
    labs, worth = _labs(entries), _worth(entries, course)
    columns = list(course.roster[0]) if course.roster else ["id", "name"]
    rows = [_Row(_of_person(person, by_student, course), person, labs, worth, course)
            for person in course.roster if everybody or person["id"] in by_student]
    known = {name for person in course.roster for name in (person["id"], person.get(course.group, "") if course.group else "")}
    rows += [_Row(entry, dict.fromkeys(columns, "") | {"id": entry.student}, labs, worth, course)
             for entry in by_student.values() if entry.student not in known]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*map(cell, columns), "submitted", *_lab_columns(labs), *_examples_column(worth), "integrated",
                     *map(cell, course.items), "total", "maximum", "remarks"])
    writer.writerows(row.cells(columns) for row in rows)
    return text.getvalue()


def _by_student(entries: Sequence[Entry], course: Course) -> dict[str, Entry]:
    """By the roster's ids, where the roster knows who is meant; who handed in twice stays there twice."""
    if len({entry.student for entry in entries}) != len(entries):
        raise GraderError("a student has more than one submission: choose one for the gradebook")
    names: dict[str, list[str]] = {}
    for entry in entries:
        names.setdefault(course.who(entry.student), []).append(entry.student)
    found = {}
    for entry in entries:
        student = course.who(entry.student)
        if len(names[student]) > 1:
            found[entry.student] = replace(entry, remark=joined(entry.remark, f"{student} handed in more than once"))
        else:
            found[student] = replace(entry, student=student)
    for student, some in names.items():
        found.setdefault(student, Entry(student, None, missing=f"handed in as {' and as '.join(some)}: which one counts?"))
    return found


def _of_person(person: Mapping[str, str], by_student: Mapping[str, Entry], course: Course) -> Entry | None:
    """What somebody handed in, or the group did: one of its members, or somebody under the group's own name."""
    if person["id"] in by_student or not course.group or not person[course.group]:
        return by_student.get(person["id"])
    group = person[course.group]
    names = [*(mate["id"] for mate in course.roster if mate[course.group] == group), group]
    handed_in = [by_student[name] for name in names if name in by_student]
    if not handed_in:
        return None
    if len(handed_in) > 1:
        said = f"{' and '.join(entry.student for entry in handed_in)} of group {group} handed in: whose counts?"
        return Entry(person["id"], None, missing=said)
    return replace(handed_in[0], student=person["id"],
                   remark=joined(handed_in[0].remark, f"handed in by {handed_in[0].student}, group {group}"))


def joined(remark: str, more: str) -> str:
    """Two remarks, either of which may be empty."""
    return "; ".join(filter(None, (remark, more)))


def cell(text: str) -> str:
    """A text on one line that a spreadsheet shows as it is."""
    return _FORMULA.sub(r"\1\2'", " ".join(plain(text, 1000).split()))


def _labs(entries: Iterable[Entry]) -> list[str]:
    """The labs that somebody was graded in, in their order."""
    return list(dict.fromkeys(cell(lab["lab"]) for entry in entries if entry.results
                              for lab in entry.results["labs"]))


def _worth(entries: Iterable[Entry], course: Course) -> dict[str, Fraction]:
    """What there is to be had by lab, and of the integrated stage: the same for all, whatever each handed in."""
    graded = [entry.results for entry in entries if entry.results]
    worth: dict[str, Fraction] = {}
    for lab in (lab for results in graded for lab in results["labs"]):
        name = cell(lab["lab"])
        worth[name] = max(worth.get(name, Fraction(0)), course.weight(lab["lab"], lab["max_score"]))
    if any(results.get("examples") for results in graded):
        worth["examples"] = max(Fraction(results.get("examples", {}).get("max_score", 0)) for results in graded)
    return worth | {"integrated": max((Fraction(results["integrated"].get("weight", 0)) for results in graded),
                                      default=Fraction(0))}


def _examples_column(worth: Mapping[str, Fraction]) -> list[str]:
    """Where the course gives points for examples."""
    return ["examples"] if "examples" in worth else []


def _lab_columns(labs: Iterable[str]) -> list[str]:
    return [name for lab in labs for name in (lab, f"{lab} late %", f"{lab} counts")]


class _Row:
    """One student's line, worked out column by column."""

    def __init__(self, entry: Entry | None, person: Mapping[str, str], labs: list[str], worth: dict[str, Fraction],
                 course: Course) -> None:
        self.entry = entry
        self.person = person
        self.labs = labs
        self.worth = worth
        self.course = course
        self.by_hand = course.by_hand.get(person["id"], {})
        self.remarks = [entry.remark] if entry and entry.remark else []
        self.timeless: list[str] = []  # labs with dates of which nobody knows when they were handed in
        self.slip_days = course.late.slip_days
        self.counts: dict[str, Fraction | None] = {}  # of each lab, the stage, each item; None: no score

    def cells(self, columns: Sequence[str]) -> list[object]:
        """All of the line's cells."""
        known = [cell(self.person[column]) for column in columns]
        results = self.entry.results if self.entry else None
        if not results:
            self.remarks.append(self.entry.missing if self.entry else "nothing handed in")
        if not results and not self.by_hand:
            empty = [""] * (3 * len(self.labs) + 2 + ("examples" in self.worth) + len(self.course.items))
            return [*known, self._submitted(), *empty, self._maximum(), self._remarks()]
        if self.course.roster and self.person not in self.course.roster:
            self.remarks.append("not in the roster")
        graded = {lab["lab"]: lab for lab in results["labs"]} if results else {}
        labs = [value for lab in self.labs for value in self._lab(lab, graded.get(lab))]
        examples, stage = (results.get("examples"), results["integrated"]) if results else ({}, {})
        labs += [self._for_the_whole("examples", examples["score"]) if examples else "" for _ in _examples_column(self.worth)]
        integrated = self._for_the_whole("integrated", stage["weighted_score"]) if stage.get("weight") else ""
        items = [self._item(item) for item in self.course.items]
        total = self._total()
        return [*known, self._submitted(), *labs, integrated, *items, "" if total is None else number(total),
                self._maximum(), self._remarks()]

    def _maximum(self) -> object:
        whole = sum(self.worth.values()) + sum(self.course.items.values())
        return number(whole) if whole or self.labs else ""

    def _remarks(self) -> str:
        timeless = [f"{', '.join(self.timeless)}: no time of submission, so nothing is taken off"] if self.timeless else []
        return cell("; ".join(self.remarks + timeless))

    def _submitted(self) -> str:
        moments = [self.entry.submitted, *self.entry.of_labs.values()] if self.entry else []
        last = max(filter(None, moments), default=None)
        return last.isoformat(timespec="seconds") if last else ""

    def _lab(self, name: str, lab: dict | None) -> tuple:
        """Points, percent taken off, what counts: empty where the lab was not graded."""
        if given := self.by_hand.get(name):
            return self._given(name, given)
        if lab is None:
            if self.entry and not self.entry.results:
                self.counts[name] = None
            return "", "", ""
        if not _is_handed_in(lab):
            self.counts[name] = Fraction(0)
            return lab["score"], 0, 0
        off = self._taken_off(name)
        if lab["score"] is None:
            self.remarks.append(f"{name}: no score, grade it again")
            self.counts[name] = None
            return "", number(off), ""
        share = Fraction(str(lab["score"])) / (lab["max_score"] or 1)
        counts = self.counts[name] = self.worth[name] * share * (100 - off) / 100
        return lab["score"], number(off), number(counts)

    def _given(self, name: str, given: ByHand) -> tuple:
        """Points by hand are final: nothing is taken off."""
        self.remarks.append(f"{name}: {number(given.points)} points by hand: {given.reason}")
        most = labs.find(name).points
        counts = self.counts[name] = self.worth[name] * given.points / most
        return number(given.points), 0, number(counts)

    def _taken_off(self, name: str) -> Fraction:
        """The percent that the time of a lab's handing in costs, after slip days."""
        dates, late = self.course.dates_of(self.person["id"], name), self.course.late
        submitted = self.entry.of_labs.get(name, self.entry.submitted)
        if name in self.entry.of_labs:
            self.remarks.append(f"{name}: handed in {submitted.isoformat(timespec='seconds')}")
        if name in self.course.extensions.get(self.person["id"], {}):
            self.remarks.append(f"{name}: due {dates.due.isoformat(timespec='seconds')}, by extension")
        if not submitted:
            if dates != Dates() and not self.entry.remark:
                self.timeless.append(name)
            return Fraction(0)
        if dates.release and submitted < dates.release:
            self.remarks.append(f"{name}: handed in before its release, counts 0")
            return Fraction(100)
        if dates.late and submitted > dates.late:
            self.remarks.append(f"{name}: handed in after the last day that it is taken, counts 0")
            return Fraction(100)
        slipped = min(self.slip_days, dates.days_late(submitted, late))
        if slipped:
            self.slip_days -= slipped
            self.remarks.append(f"{name}: {counted(slipped, 'slip day')}")
        return dates.taken_off(submitted, late, slipped)

    def _for_the_whole(self, name: str, score: object) -> object:
        """What counts for all labs together: it is never late by itself."""
        if score is None:
            self.remarks.append(f"{name}: no score, grade it again")
        self.counts[name] = None if score is None else Fraction(str(score))
        return "" if score is None else score

    def _item(self, name: str) -> object:
        """What somebody gave for something that no program grades; empty where nobody has yet."""
        given = self.by_hand.get(name)
        if not given:
            return ""
        self.remarks.append(f"{name}: {given.reason}")
        self.counts[name] = given.points
        return number(given.points)

    def _total(self) -> Fraction | None:
        """The sum of what counts; of the labs without those that are dropped, as if these had gone like the others."""
        if None in self.counts.values():
            return None
        labs = [name for name in self.labs if self.worth[name]]
        share = {name: self.counts.get(name, Fraction(0)) / self.worth[name] for name in labs}
        dropped = min(self.course.drop, max(len(labs) - 1, 0))
        kept = sorted(labs, key=lambda name: share[name])[dropped:]
        others = sum((value for name, value in self.counts.items() if name not in self.labs), Fraction(0))
        if dropped:
            self.remarks.append(f"dropped: {', '.join(name for name in labs if name not in kept)}")
        whole, of_kept = (sum((self.worth[name] for name in some), Fraction(0)) for some in (labs, kept))
        earned = sum((share[name] * self.worth[name] for name in kept), Fraction(0))
        return others + (earned * whole / of_kept if of_kept else Fraction(0))


def _is_handed_in(lab: dict) -> bool:
    """Whether anything was written for a lab: who hands in the first lab has the other files, too, as they were."""
    return lab["score"] != 0 or any(test["verdict"] not in _NOTHING for test in lab["tests"])


def render(results: dict, context: Context) -> str:
    """The gradebook of one student."""
    return table([Entry(context.student, results, context.submitted)], context.course, everybody=False)


def broken(reason: str, context: Context) -> str:
    """A line without any points."""
    del reason
    return table([Entry(context.student, None, context.submitted)], context.course, everybody=False)


FORMATS = [Format("gradebook", "gradebook.csv", "a gradebook's CSV", render, broken)]
