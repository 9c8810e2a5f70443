"""The class's misconceptions: lab by lab, whose answers are those of which known mistakes, and what stands behind
them."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.cohort.telling.comparison import Earlier
from grader.cohort.telling.figures import Row
from grader.cohort.work.store import Record
from grader.course.labs import Lab
from grader.formats.gradebook import cell


@dataclass(frozen=True)
class Place:
    """A place of the map: a misconception of a lab, the handout's `section` about it, the mistakes by which it shows,
    and whose they are; `before`: how many had it in the earlier run (None: there is none)."""

    lab: Lab
    words: str
    section: str
    mistakes: Sequence[tuple[str, Sequence[Row]]]
    before: int | None

    @property
    def rows(self) -> list[Row]:
        """The students, each once."""
        return list({row.entry.folder: row for _, rows in self.mistakes for row in rows}.values())

    @property
    def changed(self) -> str:
        """By how many there are more or fewer; "" without an earlier run."""
        by = len(self.rows) - (self.before or 0)
        return "" if self.before is None else f"{by:+d}" if by else "0"


@dataclass(frozen=True)
class Map:
    """The places, those of most students first in each lab; and how many failed something that is like no known
    mistake, by lab."""

    places: Sequence[Place]
    unknown: Sequence[tuple[Lab, Sequence[Row]]]


def of_class(rows: Sequence[Row], labs: Sequence[Lab], earlier: Earlier | None) -> Map:
    """The map of a class; what nobody has any more has a place as long as somebody had it in the earlier run."""
    before = _counted(earlier.records.values()) if earlier else {}
    found: dict[tuple[str, str], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    sections = {key: section for row in rows if row.record for key, section in _sections(row.record).items()}
    for row in rows:
        for slug, one in (row.record.diagnosis if row.record else {}).items():
            if one["mistakes"]:
                found[slug, one["misconception"]][one["mistakes"][0]["words"]].append(row)
    for record in earlier.records.values() if earlier else ():
        sections = _sections(record) | sections
    places = [Place(lab, words, sections[lab.slug, words],
                    sorted(found.get((lab.slug, words), {}).items(), key=lambda entry: (-len(entry[1]), entry[0])),
                    before.get((lab.slug, words), 0) if earlier else None)
              for lab in labs for slug, words in dict.fromkeys([*found, *before]) if slug == lab.slug]
    places.sort(key=lambda place: (place.lab.number, -len(place.rows), place.words))
    unknown = [(lab, [row for row in rows if row.record and lab.slug in row.record.diagnosis
                      and not row.record.diagnosis[lab.slug]["mistakes"]]) for lab in labs]
    return Map(places, [(lab, some) for lab, some in unknown if some])


def table(found: Map) -> str:
    """misconceptions.csv: a line for each mistake that somebody made."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["lab", "misconception", "section", "mistake", "students", "before", "ids"])
    for place in found.places:
        for words, rows in place.mistakes or [("", [])]:
            writer.writerow([cell(str(value)) for value in (
                place.lab.slug, place.words, place.section, words, len(rows),
                "" if place.before is None else place.before, " ".join(row.entry.id for row in rows))])
    for lab, rows in found.unknown:
        writer.writerow([cell(str(value)) for value in (
            lab.slug, "", "", "like no known mistake", len(rows), "", " ".join(row.entry.id for row in rows))])
    return text.getvalue()


def _sections(record: Record) -> dict[tuple[str, str], str]:
    return {(slug, one["misconception"]): one["section"] for slug, one in record.diagnosis.items() if one["mistakes"]}


def _counted(records: Iterable[Record]) -> dict[tuple[str, str], int]:
    """How many have each misconception."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for record in records:
        for key in _sections(record):
            counts[key] += 1
    return counts
