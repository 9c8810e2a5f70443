"""What a class run hands back: each student's report and points, without the seed that official scenarios come from."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from grader.cohort.intake import archive, identity
from grader.cohort.telling.figures import headline
from grader.cohort.work.store import Record, Store
from grader.errors import GraderError

STRUCK = "the-courses-own"  # in place of a seed


def bundle(run: Path) -> tuple[bytes, int]:
    """A zip with a folder a student, called as what was handed in, and how many there are. Raises GraderError."""
    store, made = Store(run), io.BytesIO()
    records = {student: record for student in store.kept() if (record := store.load(student)) and record.score is not None}
    if not records:
        raise GraderError(f"CLASS={run}: nobody has a score in it; the OUT= of a `make class` was expected")
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for student, folder in _folders(records).items():
            report = (store.folder(student) / "report.html").read_text(encoding="utf-8")
            for name, text in (("report.html", report), ("points.txt", _points(records[student]))):
                file.writestr(zipfile.ZipInfo(f"{folder}/{name}"), _theirs(text, student, records[student]))
    return made.getvalue(), len(records)


def _folders(records: Mapping[str, Record]) -> dict[str, str]:
    """What each student's folder is called; where two would be called alike, as in the run, where none is like
    another."""
    return identity.apart({student: _called(record) for student, record in records.items()}, identity.alike)


def _called(record: Record) -> str:
    """The name that the course site gave to what was handed in, by which it knows whose it is; an archive's
    without its suffix."""
    name = PurePosixPath(record.source).name.replace("\\", "_")  # on Windows a path that leads out
    suffix = archive.suffix(name)
    return name[:-len(suffix)] if suffix else name


def _points(record: Record) -> str:
    lines = [f"{record.score} of {record.results['max_score']} points"]
    for lab in record.results["labs"]:
        lines += ["", f"{lab['lab']}: {lab['score']} of {lab['max_score']}"]
        lines += [f"  {test['name']}: {test['score']} of {test['max_score']}"
                  + ("" if test["verdict"] == "pass" else f" ({test['verdict']}: {headline(test)})") for test in lab["tests"]]
    return "\n".join(lines) + "\n"


def _theirs(text: str, student: str, record: Record) -> str:
    """A text without what is the course's own: where the run lies, and an official seed (public ones are no secret)."""
    text = re.sub(rf"[^\s<>\"'=]*students/{re.escape(student)}/", "", text)
    seed = record.key.seed
    return text.replace(seed, STRUCK) if seed.startswith("official-") else text
