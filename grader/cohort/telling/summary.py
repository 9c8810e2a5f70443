"""What a class run leaves beside the students' folders: a page, and tables for other programs."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from grader.cohort.intake.gather import NotTaken
from grader.cohort.telling import figures, misconceptions, term
from grader.cohort.telling.comparison import Comparison, Earlier
from grader.cohort.telling.figures import Mistake, Row
from grader.cohort.telling.misconceptions import Map
from grader.course import course
from grader.course.labs import Lab
from grader.formats import gradebook
from grader.page import render
from grader.reporting.results import write_whole

_MOST_LINES = 20  # of the tables of hard tests and common mistakes


def write(rows: Sequence[Row], labs: Sequence[Lab], out: Path,
          comparison: Comparison | None, not_taken: Sequence[NotTaken] = (), earlier: Earlier | None = None) -> None:
    """Writes everything. Raises GraderError."""
    found = misconceptions.of_class(rows, labs, earlier)
    write_whole(out / "misconceptions.csv", misconceptions.table(found))
    write_whole(out / "class.csv", table(rows, labs, not_taken))
    write_whole(out / "gradebook.csv", _gradebook(rows))
    known = [(row.entry.id, row.handed_in) for row in rows]
    write_whole(out / term.HANDED_IN, term.times_table(known))
    write_whole(out / term.REMARKS, term.remarks_table(known))
    write_whole(out / "index.html", html(rows, labs, out, comparison, not_taken, found))


def html(rows: Sequence[Row], labs: Sequence[Lab], out: Path,
         comparison: Comparison | None = None, not_taken: Sequence[NotTaken] = (), found: Map | None = None) -> str:
    """The page about the class; it links to the reports of those who have one."""
    shares = [row.share for row in rows if row.share is not None]
    scores = [float(row.score) for row in rows if row.score is not None]
    found = found or misconceptions.of_class(rows, labs, None)
    mistakes = figures.mistakes(rows)[:_MOST_LINES]
    return render.page(
        "class.html.j2", scripts=("class.js",), styles=(*render.STYLE, "class.css"),
        rows=sorted(rows, key=lambda row: row.entry.id.casefold()), labs=labs,
        linked={row.entry.folder for row in rows
                if (out / "students" / row.entry.folder / "report.html").exists()},
        max_score=max((row.max_score for row in rows), default=0), graded=len(scores),
        looks=[row for row in rows if row.remark and row.remark != row.likeness],
        alike=[row for row in rows if row.likeness], spread=figures.spread(scores),
        bins=figures.histogram(shares), lab_figures=figures.lab_figures(rows, labs),
        hardest=[test for test in figures.hardest(rows, labs) if test.share < 1][:_MOST_LINES],
        mistakes=mistakes, comparison=comparison, not_taken=not_taken, map=found, marks_of=_marks(mistakes, found),
        examples=any(row.examples for row in rows), timed=any(row.handed_in.last or row.entry.late for row in rows))


def _marks(mistakes: Sequence[Mistake], found: Map) -> dict[str, list[str]]:
    """What the page's filters know students by, whose folders are the keys: the number of a mistake, that of a
    misconception behind an m, a lab with something that is like no known mistake behind a u."""
    marks: dict[str, list[str]] = defaultdict(list)
    for mark, rows in (*((f"{number}", mistake.rows) for number, mistake in enumerate(mistakes, 1)),
                       *((f"m{number}", place.rows) for number, place in enumerate(found.places, 1)),
                       *((f"u{lab.slug}", some) for lab, some in found.unknown)):
        for row in rows:
            marks[row.entry.folder].append(mark)
    return marks


def table(rows: Sequence[Row], labs: Sequence[Lab], not_taken: Sequence[NotTaken] = ()) -> str:
    """class.csv, a line a student, and one for each thing that is nobody's: empty cells where there is no
    score."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    with_examples = any(row.examples for row in rows)
    writer.writerow(["id", "score", "max_score", *(lab.slug for lab in labs), *(["examples"] if with_examples else []),
                     "integrated", "folder", "seed", "handed_in", "remark"])
    for row in rows:
        scores = [found["score"] if (found := row.lab(lab.slug)) else None for lab in labs]
        writer.writerow([gradebook.cell("" if value is None else str(value)) for value in (
            row.entry.id, row.score, row.max_score or None, *scores,
            *([row.examples] if with_examples else []), row.together,
            f"students/{row.entry.folder}", row.record.key.seed if row.record else "",
            _iso(row.handed_in.last), row.remark)])
    for one in not_taken:
        writer.writerow([gradebook.cell(one.name), *[""] * (len(labs) + 6 + with_examples),
                         gradebook.cell(f"not taken: {one.why}")])
    return text.getvalue()


def _gradebook(rows: Sequence[Row]) -> str:
    """The course's rules applied: those without a score are in it, without one."""
    return gradebook.table([_entry(row) for row in rows], course.load())


def _entry(row: Row) -> gradebook.Entry:
    """A student's; where a tool broke in one lab, with the points of the others."""
    results, missing = ((row.record.results, gradebook.BROKEN) if row.record else ({}, gradebook.NOT_YET))
    usable = row.score is not None or (results and results["score"] is None)
    return gradebook.Entry(row.entry.id, results if usable else None, row.handed_in.at, row.handed_in.of_labs,
                           row.handed_in.remark, missing)


def _iso(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""
