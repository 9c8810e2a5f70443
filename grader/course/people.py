"""Who is who, and what a course has decided about single students: the roster, and points given by hand."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from grader.errors import GraderError

Person = Mapping[str, str]  # a row of the roster, by its columns


@dataclass(frozen=True)
class ByHand:
    """Points that a person gave, and why."""

    points: Fraction
    reason: str


def read_roster(path: Path) -> tuple[dict[str, str], ...]:
    """The rows of a roster: CSV in UTF-8 with a head that begins with `id` and `name`. Raises
    GraderError."""
    head, rows = _table(path, "the roster")
    if head[:2] != ["id", "name"]:
        raise GraderError(f"{path}:1: expected: id,name and any further columns")
    seen: set[str] = set()
    for line, row in enumerate(rows, 2):
        if not row["id"] or row["id"] in seen:
            raise GraderError(f"{path}:{line}: id '{row['id']}': one of its own was expected")
        seen.add(row["id"])
    return tuple(rows)


def read_by_hand(path: Path, known: Collection[str]) -> dict[str, dict[str, ByHand]]:
    """Points given by hand, by student and by what they are for: CSV in UTF-8, `id,what,points,reason`. Raises
    GraderError."""
    head, rows = _table(path, "what was given by hand")
    if head != ["id", "what", "points", "reason"]:
        raise GraderError(f"{path}:1: expected: id,what,points,reason")
    found: dict[str, dict[str, ByHand]] = {}
    for line, row in enumerate(rows, 2):
        of_student = found.setdefault(row["id"], {})
        if row["what"] not in known:
            raise GraderError(f"{path}:{line}: '{row['what']}': expected: {', '.join(known)}")
        if row["what"] in of_student:
            raise GraderError(f"{path}:{line}: '{row['id']}' has points for {row['what']} already: once was expected")
        if not row["reason"].strip():
            raise GraderError(f"{path}:{line}: a reason was expected: somebody will ask for it")
        try:
            of_student[row["what"]] = ByHand(Fraction(row["points"]), row["reason"])
        except (ValueError, ZeroDivisionError):
            raise GraderError(f"{path}:{line}: '{row['points']}': a number of points was expected") from None
    return found


def _table(path: Path, called: str) -> tuple[list[str], list[dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            head, rows = list(reader.fieldnames or ()), list(reader)
    except (OSError, ValueError, csv.Error) as error:
        raise GraderError(f"{path}: {called} can't be read: {error}") from error
    for line, row in enumerate(rows, 2):
        if None in row or None in row.values():
            raise GraderError(f"{path}:{line}: as many cells as in the first line were expected")
    return head, rows


def who(name: str, roster: Iterable[Person], also: Sequence[str]) -> str:
    """The roster's id of whoever a course site calls `name`: an id, or what stands in one of the columns `also`, or
    the name around a site's number. The name itself, where that is nobody's or more than one's."""
    people = list(roster)
    if any(person["id"] == name for person in people):
        return name
    for spellings in ({name}, _parts(name)):
        folded = {spelling.casefold() for spelling in spellings}
        meant = {person["id"] for person in people
                 if folded & {person.get(column, "").casefold() for column in also} - {""}}
        if len(meant) == 1:
            return meant.pop()
    return name


def _parts(name: str) -> set[str]:
    """`Jane Doe_123` is Jane Doe or 123; `origin/anna` is anna; `lab1-anna` is anna."""
    last = name.rpartition("/")[2]
    before, _, number = last.rpartition("_")
    return {last, before, number, last.partition("-")[2]}
