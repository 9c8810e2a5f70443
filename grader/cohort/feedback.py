"""What a class run hands back: each student's report and points, without the seed that official scenarios come from."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path, PurePosixPath

from grader.cohort import archive
from grader.cohort.figures import headline
from grader.cohort.store import Record, Store
from grader.errors import GraderError

STRUCK = "the-courses-own"  # in place of a seed


def bundle(run: Path) -> tuple[bytes, int]:
    """A zip with a folder a student, called as what was handed in, and how many there are. Raises GraderError."""
    store, made, many = Store(run), io.BytesIO(), 0
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for student in store.kept():
            record = store.load(student)
            if not record or record.score is None:
                continue
            many += 1
            folder = _called(record)
            report = (store.folder(student) / "report.html").read_text(encoding="utf-8")
            for name, text in (("report.html", report), ("points.txt", _points(record))):
                file.writestr(zipfile.ZipInfo(f"{folder}/{name}"), _without_seed(text, record))
    if not many:
        raise GraderError(f"CLASS={run}: nobody has a score in it; the OUT= of a `make class` was expected")
    return made.getvalue(), many


def _called(record: Record) -> str:
    """The name that the course site gave to what was handed in, by which it knows whose it is; an archive's
    without its suffix."""
    name = PurePosixPath(record.source).name
    suffix = archive.suffix(name)
    return name[:-len(suffix)] if suffix else name


def _points(record: Record) -> str:
    lines = [f"{record.score} of {record.results['max_score']} points"]
    for lab in record.results["labs"]:
        lines += ["", f"{lab['lab']}: {lab['score']} of {lab['max_score']}"]
        lines += [f"  {test['name']}: {test['score']} of {test['max_score']}"
                  + ("" if test["verdict"] == "pass" else f" ({test['verdict']}: {headline(test)})") for test in lab["tests"]]
    return "\n".join(lines) + "\n"


def _without_seed(text: str, record: Record) -> str:
    """Public seeds are no secret; an official one is struck wherever it stands."""
    seed = record.key.seed
    return text.replace(seed, STRUCK) if seed.startswith("official-") else text
