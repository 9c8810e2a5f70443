"""When everybody handed in: TIMES=file, the course's own clock; else what is known without it.

The file is CSV in UTF-8 with the head `id,handed_in`, or `id,handed_in,lab`: a row with a lab is for that lab
alone. Dates of files are not looked at: they are the student's own, and a download changes them.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from grader.cohort.intake.gather import Entry
from grader.cohort.intake.identity import listed
from grader.course.labs import all_labs
from grader.errors import GraderError
from grader.formats.gradebook import cell

_HEADS = (["id", "handed_in"], ["id", "handed_in", "lab"])
COMMITTED = "time: the commit's own date, which its author can set"
LATE = "late, says the course site; how late is not known, so nothing is taken off"


@dataclass(frozen=True)
class HandedIn:
    """When a student handed in: `of_labs` where a lab has a time of its own, `at` for the others; None: not
    known. `remark` says what has to be known before it is believed."""

    at: datetime | None = None
    of_labs: Mapping[str, datetime] = field(default_factory=dict)
    remark: str = ""

    @property
    def last(self) -> datetime | None:
        """The last moment of all."""
        return max(filter(None, [self.at, *self.of_labs.values()]), default=None)


Table = Mapping[str, HandedIn]  # by the students' ids, as tables have them: no cell is a formula


def read(path: Path) -> Table:
    """What a TIMES= file says. Raises GraderError, which names file and line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            rows = [(reader.line_num, row) for row in reader if row]
    except (OSError, ValueError, csv.Error) as error:
        raise GraderError(f"TIMES={path} can't be read: {error}") from error
    if not rows or rows[0][1] not in _HEADS:
        raise GraderError(f"{path}:1: expected: id,handed_in or id,handed_in,lab")
    known = [lab.slug for lab in all_labs()]
    found: dict[str, HandedIn] = {}
    for line, row in rows[1:]:
        try:
            _add(found, row, len(rows[0][1]), known)
        except ValueError as error:
            raise GraderError(f"{path}:{line}: {error}") from error
    return found


def _add(found: dict[str, HandedIn], row: Sequence[str], width: int, labs: Sequence[str]) -> None:
    """Takes a row into the table. Raises ValueError, which says what is wrong."""
    if len(row) != width:
        raise ValueError(f"{len(row)} cells, where the first line has {width}")
    student, lab = cell(row[0]), row[2] if width > 2 else ""
    if not student:
        raise ValueError("a student's id was expected, as class.csv has it")
    if lab and lab not in labs:
        raise ValueError(f"there is no lab '{lab}', only: {', '.join(labs)}; none for all others")
    moment, before = _moment(row[1]), found.get(student, HandedIn())
    if lab in before.of_labs or (not lab and before.at):
        raise ValueError(f"id '{student}' is there twice: one time was expected, the one that counts")
    found[student] = (replace(before, of_labs={**before.of_labs, lab: moment}) if lab
                      else replace(before, at=moment))


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if not moment or not moment.tzinfo:
        raise ValueError(f"'{text}': a moment was expected, with its offset from UTC: "
                         "2030-10-19T23:59:00+02:00")
    return moment


def of(entry: Entry, table: Table) -> HandedIn:
    """When somebody handed in: as the table says; else by what lies there, with a remark."""
    if known := table.get(cell(entry.id)):
        return known
    if entry.committed:
        return HandedIn(entry.committed, remark=COMMITTED)
    return HandedIn(remark=LATE if entry.late else "")


def check(path: Path, entries: Sequence[Entry], table: Table) -> str:
    """Who has no time, and whose time nobody needs: "" if there is nothing to tell. Raises GraderError if
    the table is about other people altogether."""
    ids = [cell(entry.id) for entry in entries]
    without = [student for student in ids if student not in table]
    strangers = sorted(set(table) - set(ids))
    if len(without) == len(ids):
        raise GraderError(f"TIMES={path} has none of these students: {listed(strangers) or 'nobody'} there, "
                          f"{listed(ids)} here. Ids are those of class.csv")
    parts = [f"no time for {listed(without)}"] if without else []
    parts += [f"nothing was handed in as {listed(strangers)}: ids are those of class.csv"] if strangers else []
    return f"{path}: {'; '.join(parts)}" if parts else ""
