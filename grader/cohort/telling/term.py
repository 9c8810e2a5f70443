"""One gradebook for the term, from what class runs have kept; and its points in a course site's own table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from grader.cohort.intake import times
from grader.cohort.intake.times import HandedIn
from grader.cohort.work.store import Record, Store
from grader.course.course import Course
from grader.errors import GraderError
from grader.formats import gradebook
from grader.formats.gradebook import Entry

HANDED_IN = "handed_in.csv"  # what a run knew of the times, as TIMES= takes it
REMARKS = "handed_in_remarks.csv"  # and what has to be known of them, or of there being none


def times_table(handed_in: Iterable[tuple[str, HandedIn]]) -> str:
    """Who handed in when, as a TIMES= file has it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["id", "handed_in", "lab"])
    for student, found in handed_in:
        moments = [("", found.at)] if found.at else []
        for lab, moment in (*moments, *found.of_labs.items()):
            writer.writerow([gradebook.cell(student), moment.isoformat(), lab])
    return text.getvalue()


def remarks_table(handed_in: Iterable[tuple[str, HandedIn]]) -> str:
    """Of whose time there is a remark, and which."""
    text = io.StringIO()
    csv.writer(text).writerows([("id", "remark"), *((gradebook.cell(student), found.remark) for student, found in handed_in
                                                    if found.remark)])
    return text.getvalue()


def _handed_in(run: Path) -> Mapping[str, HandedIn]:
    """What a run knew. Raises GraderError."""
    moments = dict(times.read(run / HANDED_IN)) if (run / HANDED_IN).exists() else {}
    if (run / REMARKS).exists():
        with (run / REMARKS).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                moments[row["id"]] = replace(moments.get(row["id"], HandedIn()), remark=row["remark"])
    return moments


def entries(runs: Sequence[Path], course: Course) -> list[Entry]:
    """Everybody of all runs: of each lab what the last run has that graded it. Raises GraderError."""
    found: dict[str, Entry] = {}
    for run in runs:
        store = Store(run)
        records = [record for student in store.kept() if (record := store.load(student))]
        if not records:
            raise GraderError(f"RUNS={run}: there is no class run in it; the OUT= of a `make class` was expected")
        moments, of_this_run = _handed_in(run), set()
        for record in records:
            student = course.who(record.id)
            found[student] = _with(found.get(student), student, record, moments.get(gradebook.cell(record.id), HandedIn()))
            if student in of_this_run:  # under two of his names: a person says which one counts
                twice = f"{student} handed in more than once: {record.id} counts"
                found[student] = replace(found[student], remark=gradebook.joined(found[student].remark, twice))
            of_this_run.add(student)
    return list(found.values())


def _with(entry: Entry | None, student: str, record: Record, handed_in: HandedIn) -> Entry:
    """What a run adds to what was known of a student."""
    entry = entry or Entry(student, None)
    if not record.results:
        return replace(entry, remark=gradebook.joined(entry.remark, record.problem))
    known = entry.results or {"labs": [], "integrated": {}}
    labs = {lab["lab"]: lab for lab in (*known["labs"], *record.results["labs"])}
    beside = {name: record.results.get(name) or known.get(name, {}) for name in ("integrated", "examples")}
    moments = {lab["lab"]: moment for lab in record.results["labs"]
               if (moment := handed_in.of_labs.get(lab["lab"], handed_in.at))}
    said = entry.remark if handed_in.remark in entry.remark else gradebook.joined(entry.remark, handed_in.remark)
    return replace(entry, results={"labs": list(labs.values()), **beside}, remark=said,
                   of_labs={**entry.of_labs, **moments})


def points(table: str, column: str) -> dict[str, str]:
    """A column of a gradebook, by the students' ids. Raises GraderError."""
    reader = csv.DictReader(io.StringIO(table))
    rows = list(reader)
    if column not in (reader.fieldnames or ()):
        raise GraderError(f"FIGURE={column}: the gradebook has no such column, only: {', '.join(reader.fieldnames or ())}")
    return {row["id"]: row[column] for row in rows}


def filled(path: Path, column: str, given: Mapping[str, str], course: Course) -> tuple[str, list[str]]:
    """A course site's own table with points put into a column, and who of the gradebook is not in it. A student is
    found by any cell that is his id, or another of his names. Raises GraderError."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            head, *rows = csv.reader(file, strict=True)
    except (OSError, ValueError, csv.Error) as error:
        raise GraderError(f"INTO={path} can't be read: {error}") from error
    if column not in head:
        raise GraderError(f"COLUMN={column}: {path} has no such column, only: {', '.join(head)}")
    left = {student for student, value in given.items() if value}
    for row in rows:
        meant = {course.who(text.strip()) for text in row if text.strip()} & given.keys()
        if len(meant) == 1 and given[student := meant.pop()] and len(row) == len(head):
            row[head.index(column)] = given[student]
            left.discard(student)
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([head, *rows])
    return text.getvalue(), sorted(left)
