"""What is kept of a class run: a folder a student, there as a whole or not at all.

    OUT/students/STUDENT/graded.json     what was graded, with what, and what broke, if anything did
                        /results.json    and everything else that `make grade` leaves
                        /submission/     the files that were graded
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from grader.cohort.intake import files
from grader.cohort.work.one_submission import Graded, Task
from grader.errors import GraderError
from grader.reporting.results import kept

SCHEMA = "marionette-labs/class-record/v1"


@dataclass(frozen=True)
class Key:
    """What a score follows from: the same key, the same score."""

    submission: str  # SHA-256 of what was taken
    kit: str  # that of the kit
    seed: str
    lab: str  # one, or "" for all
    kernel_base: str
    weights: str = ""  # of the course, where they are part of the score
    mistakes: str = ""  # the tables of known ones: no score follows from them, but a diagnosis does


@dataclass(frozen=True)
class Record:
    """graded.json, with results.json as `results` ({} where there is none); `alike` has the files that are remarkably
    like a released object's, and how much of each is (grader/building/likeness.py); `diagnosis` what is known of the
    mistakes, by lab (grader/diagnosis/)."""

    id: str
    source: str
    key: Key
    problem: str = ""  # of the host's, so that there is no score
    seconds: float = 0
    host: str = ""
    results_digest: str = ""
    remark: str = ""  # of what was taken, and what was not
    results: dict = field(default_factory=dict)
    alike: dict[str, float] = field(default_factory=dict)
    diagnosis: dict[str, dict] = field(default_factory=dict)

    @property
    def score(self) -> float | int | None:
        """The points; None where infrastructure broke."""
        return None if self.problem else self.results.get("score")


class Store:
    """The output folder of class runs. Only one run at a time may write to it: see `opened`."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.students = out / "students"

    def folder(self, student: str) -> Path:
        """A student's, whose `Entry.folder` is given."""
        return self.students / student

    def kept(self) -> list[str]:
        """The students' folders; not those that a run was killed over while it filled them."""
        return sorted(path.parent.name for path in self.students.glob("[!.]*/graded.json"))

    def is_graded(self, student: str, key: Key) -> bool:
        """Whether there is a score already, of the same things."""
        record = self.load(student)
        return bool(record) and record.key == key and record.score is not None

    def load(self, student: str) -> Record | None:
        """What was kept; None if there is nothing, or what there is was damaged."""
        folder = self.folder(student)
        try:
            table = kept(folder / "graded.json")
            if table.pop("schema") != SCHEMA:
                return None
            record = Record(**{**table, "key": Key(**table["key"])})
            if not record.results_digest:
                return record
            content = (folder / "results.json").read_bytes()
            if hashlib.sha256(content).hexdigest() != record.results_digest:
                return None
            return replace(record, results=json.loads(content), alike=_beside(folder, "likeness.json"),
                           diagnosis=_beside(folder, "diagnosis.json"))
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def save(self, student: str, source: str, key: Key, task: Task, graded: Graded) -> None:
        """Keeps what came of a grading, in place of what was there. Raises GraderError; then what
        was there before still is, or nothing."""
        results = graded.files.get("results.json", b"")
        digest = hashlib.sha256(results).hexdigest() if results else ""
        record = {"schema": SCHEMA, "id": task.id, "source": source, "key": asdict(key),
                  "problem": graded.problem, "seconds": round(graded.seconds, 2),
                  "host": graded.host, "results_digest": digest,
                  "remark": task.remark}
        try:
            with self._new(student) as new:
                files.lay_out(task.files, new / "submission")
                _write(new, {**graded.files, "graded.json": json.dumps(record, indent=1).encode("ascii")})
        except OSError as error:
            raise GraderError(f"can't write to {self.students}: {error.strerror}. What was graded "
                              "before is kept: make room, and the same command goes on") from error

    def replace(self, student: str, folder: Path) -> None:
        """Puts a folder that another store has filled in place of a student's. Raises GraderError."""
        try:
            self._put(student, folder)
        except OSError as error:
            raise GraderError(f"can't move {folder} to {self.students}: {error.strerror}") from error

    @contextmanager
    def _new(self, student: str) -> Iterator[Path]:
        """A folder to fill, which then becomes the student's."""
        new = Path(tempfile.mkdtemp(prefix=".new-", dir=self.students))
        try:
            yield new
            new.chmod(0o755)
            self._put(student, new)
        finally:
            shutil.rmtree(new, ignore_errors=True)

    def _put(self, student: str, new: Path) -> None:
        place = self.folder(student)
        old = Path(tempfile.mkdtemp(prefix=".old-", dir=self.students))
        try:
            if place.exists():
                place.rename(old / "it")
            new.rename(place)
        finally:
            shutil.rmtree(old, ignore_errors=True)

    def sweep(self) -> None:
        """Removes what a run left that was killed while it wrote. Looks at all students: once a run."""
        for pattern in (".new-*", ".old-*"):
            for path in self.students.glob(pattern):
                shutil.rmtree(path, ignore_errors=True)


def _beside(folder: Path, name: str) -> dict:
    """What else a grading left; nothing where there is no such file."""
    try:
        return dict(kept(folder / name))
    except FileNotFoundError:
        return {}


def _write(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Writes files so that they are there after a power cut, too. The disk is asked for that when all are
    written: it then has the most of them in one go."""
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for name in contents:
        with (folder / name).open("rb") as file:
            os.fsync(file.fileno())


@contextmanager
def opened(out: Path) -> Iterator[Store]:
    """The output folder, for this run alone. Raises GraderError if it can't be used, or is in use."""
    store = Store(out)
    try:
        store.students.mkdir(parents=True, exist_ok=True)
        lock = (out / ".lock").open("w")
    except OSError as error:
        raise GraderError(f"can't write to {out}: {error.strerror}. Name another folder with "
                          "OUT=.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise GraderError(f"another class run is at work in {out}: wait for it, or name another "
                              "folder with OUT=.") from None
        store.sweep()
        yield store
