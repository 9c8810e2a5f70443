"""`make similarity`: a class's files laid out for programs that look for copies, without names.

    OUT/LAB/submissions/s001/buddy.cpp
           /base/buddy.cpp                     the stub, which nobody copied from anybody
           /archive/TERM/s002/buddy.cpp        an earlier class's
    OUT-identities.csv                         who is who: beside OUT, for the instructor alone

Nothing is sent anywhere.
"""

from __future__ import annotations

import csv
import os
import secrets
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.building.comments import blanked
from grader.cohort.intake.archive import Refused
from grader.cohort.intake.gather import Entry
from grader.course.labs import ROOT, Lab
from grader.errors import GraderError
from grader.formats.gradebook import cell


@dataclass(frozen=True)
class _Work:
    """What one student of a term wrote, by the files' names; `term` is "" for this one."""

    term: str
    entry: Entry
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class Export:
    """How many submissions of this class and of earlier ones were laid out; `left_out` has those that
    nothing could be taken from, with the reason."""

    identities: Path
    labs: list[str]
    submissions: int
    archived: int
    left_out: list[str]


def export(entries: Sequence[Entry], archive: Mapping[str, Sequence[Entry]], labs: Sequence[Lab],
           out: Path) -> Export:
    """Lays everything out in a new folder, or in none if it can't be done. Raises GraderError."""
    identities = out.with_name(out.name + "-identities.csv")
    for path in (out, identities):
        if path.exists():
            raise GraderError(f"{path} is there already: name a new folder with OUT=")
    left_out: list[str] = []
    works = [work for term, some in {"": entries, **archive}.items()
             for work in _taken(term, some, labs, left_out)]
    names = dict(zip(map(id, works), _names(len(works)), strict=True))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".similarity-", dir=out.parent) as folder:
            for work in works:
                _lay_out(work, names[id(work)], labs, Path(folder) / "it")
            _base(labs, Path(folder) / "it")
            _identities([(names[id(work)], work) for work in works], Path(folder) / "identities")
            (Path(folder) / "identities").rename(identities)
            (Path(folder) / "it").rename(out)
    except OSError as error:
        raise GraderError(f"can't write {out}: {error.strerror}") from error
    return Export(identities, [lab.slug for lab in labs], sum(not work.term for work in works),
                  sum(bool(work.term) for work in works), left_out)


def commands(export: Export, out: Path) -> list[str]:
    """What to type, for each lab, to have the files compared; the first two stay on this machine."""
    old = f" -old {out}/LAB/archive/*" if export.archived else ""
    archive = f" -a {out}/LAB/archive/*/*" if export.archived else ""
    return [f"jplag -l cpp -bc {out}/LAB/base{old} -r jplag-LAB {out}/LAB/submissions",
            f"compare50 {out}/LAB/submissions/* -d {out}/LAB/base/*{archive}",
            f"moss -l cc -d -b {out}/LAB/base/FILE {out}/LAB/submissions/*/*.cpp"]


def _taken(term: str, entries: Sequence[Entry], labs: Sequence[Lab],
           left_out: list[str]) -> list[_Work]:
    """What there is to compare: files that were changed at all."""
    stubs = {name: (ROOT / "kernel" / "mm" / name).read_bytes() for lab in labs for name in lab.files}
    works = []
    for entry in entries:
        try:
            taken = entry.take(list(stubs)).files
        except (Refused, GraderError, OSError) as error:
            left_out.append(f"{entry.source}: {error}")
            continue
        files = {name: content for name, content in taken.items()
                 if isinstance(content, bytes) and content != stubs[name]}
        if files:
            works.append(_Work(term, entry, files))
        else:
            left_out.append(f"{entry.source}: nothing but stubs, or no files at all")
    return works


def _names(count: int) -> list[str]:
    """s001 and so on, in an order that tells nothing."""
    numbers = list(range(1, count + 1))
    secrets.SystemRandom().shuffle(numbers)
    return [f"s{number:03}" for number in numbers]


def _lay_out(work: _Work, name: str, labs: Sequence[Lab], out: Path) -> None:
    for lab in labs:
        for file in lab.files:
            if file in work.files:
                place = f"archive/{work.term}" if work.term else "submissions"
                path = out / lab.slug / place / name / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(blanked(work.files[file]))


def _base(labs: Sequence[Lab], out: Path) -> None:
    for lab in labs:
        (out / lab.slug / "base").mkdir(parents=True, exist_ok=True)
        for file in lab.files:
            shutil.copyfile(ROOT / "kernel" / "mm" / file, out / lab.slug / "base" / file)


def _identities(works: Sequence[tuple[str, _Work]], path: Path) -> None:
    """Who is who: for nobody's eyes but the instructor's."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name", "term", "id", "source"])
        for name, work in sorted(works, key=lambda pair: pair[0]):
            writer.writerow([name, cell(work.term), cell(work.entry.id), cell(work.entry.source)])
