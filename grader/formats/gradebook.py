"""The gradebook: CSV, a line a student, with the course's weights, dates and roster applied.

No cell is ever a formula, whatever a student calls himself or his folder.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from grader.course.course import Course, Dates
from grader.errors import GraderError
from grader.formats.format import Context, Format
from grader.formats.text import plain
from grader.judging.verdict import Verdict
from grader.points import number

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
    by_student = {entry.student: entry for entry in entries}
    if len(by_student) != len(entries):
        raise GraderError("a student has more than one submission: choose one for the gradebook")
    labs, worth = _labs(entries), _worth(entries, course)
    columns = list(course.roster[0]) if course.roster else ["id", "name"]
    rows = [_Row(by_student.pop(person["id"], None), person, labs, worth, course)
            for person in course.roster if everybody or person["id"] in by_student]
    rows += [_Row(entry, dict.fromkeys(columns, "") | {"id": entry.student}, labs, worth, course)
             for entry in by_student.values()]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*map(cell, columns), "submitted", *_lab_columns(labs), *_examples_column(worth), "integrated", "total",
                     "maximum", "remarks"])
    writer.writerows(row.cells(columns) for row in rows)
    return text.getvalue()


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

    def __init__(self, entry: Entry | None, person: dict, labs: list[str], worth: dict[str, Fraction],
                 course: Course) -> None:
        self.entry = entry
        self.person = person
        self.labs = labs
        self.worth = worth
        self.course = course
        self.remarks = [entry.remark] if entry and entry.remark else []
        self.total: Fraction | None = Fraction(0)

    def cells(self, columns: Sequence[str]) -> list[object]:
        """All of the line's cells."""
        known = [cell(self.person[column]) for column in columns]
        if not self.entry or not self.entry.results:
            self.remarks.append(self.entry.missing if self.entry else "nothing handed in")
            return [*known, self._submitted(), *[""] * (3 * len(self.labs) + 2 + ("examples" in self.worth)), self._maximum(), self._remarks()]
        if self.course.roster and self.person not in self.course.roster:
            self.remarks.append("not in the roster")
        graded = {lab["lab"]: lab for lab in self.entry.results["labs"]}
        counted = [value for lab in self.labs for value in self._lab(lab, graded.get(lab))]
        counted += [self._examples(self.entry.results.get("examples", {})) for _ in _examples_column(self.worth)]
        stage = self._integrated(self.entry.results["integrated"])
        total = "" if self.total is None else number(self.total)
        return [*known, self._submitted(), *counted, stage, total, self._maximum(), self._remarks()]

    def _maximum(self) -> object:
        return number(sum(self.worth.values())) if self.worth["integrated"] or self.labs else ""

    def _remarks(self) -> str:
        return cell("; ".join(self.remarks))

    def _submitted(self) -> str:
        moments = [self.entry.submitted, *self.entry.of_labs.values()] if self.entry else []
        last = max(filter(None, moments), default=None)
        return last.isoformat(timespec="seconds") if last else ""

    def _lab(self, name: str, lab: dict | None) -> tuple:
        """Points, percent taken off, what counts: empty where the lab was not graded."""
        if lab is None:
            return "", "", ""
        dates = self.course.dates.get(name, Dates())
        submitted = self.entry.of_labs.get(name, self.entry.submitted)
        if name in self.entry.of_labs:
            self.remarks.append(f"{name}: handed in {submitted.isoformat(timespec='seconds')}")
        if not _is_handed_in(lab):
            self._add(Fraction(0), name)
            return lab["score"], 0, 0
        if dates != Dates() and not submitted and not self.entry.remark:
            self.remarks.append(f"{name}: no time of submission, so nothing is taken off")
        if submitted and dates.release and submitted < dates.release:
            self.remarks.append(f"{name}: handed in before its release, counts 0")
            self._add(Fraction(0), name)
            return lab["score"], 100, 0
        off = dates.taken_off(submitted, self.course.late) if submitted else Fraction(0)
        if lab["score"] is None:
            self._add(None, name)
            return "", number(off), ""
        share = Fraction(str(lab["score"])) / (lab["max_score"] or 1)
        counts = self.worth[name] * share * (100 - off) / 100
        self._add(counts, name)
        return lab["score"], number(off), number(counts)

    def _examples(self, examples: dict) -> object:
        """What the examples count; they are never late by themselves."""
        if not examples:
            return ""
        score = examples["score"]
        self._add(None if score is None else Fraction(str(score)), "examples")
        return "" if score is None else score

    def _integrated(self, stage: dict) -> object:
        """What the stage counts; it is never late by itself."""
        weight = stage.get("weight", 0)
        if not weight:
            return ""
        score = stage["weighted_score"]
        self._add(None if score is None else Fraction(str(score)), "integrated")
        return "" if score is None else score

    def _add(self, counts: Fraction | None, name: str) -> None:
        if counts is None:
            self.remarks.append(f"{name}: no score, grade it again")
            self.total = None
        elif self.total is not None:
            self.total += counts


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
