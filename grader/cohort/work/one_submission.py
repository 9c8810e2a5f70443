"""Grading one submission of a class: `make grade` in a process of its own, on whatever machine that is.

What it takes and gives are values, so that another machine can do it; nothing is left behind there.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.building import sandbox
from grader.cohort.intake import files
from grader.cohort.intake.files import Files
from grader.cohort.work import kit_digest, scratch
from grader.cohort.work.nursery import SAID, Nursery
from grader.course.labs import ROOT
from grader.emulators import machine
from grader.errors import GraderError
from grader.judging.verdict import Verdict

SECONDS = 4 * sandbox.BACKSTOP  # behind all limits of the grading itself
_MOST_OUTPUT = 64 << 20  # bytes of results, reports and scenarios


@dataclass(frozen=True)
class Task:
    """A submission to grade. `build` is Make's build folder, from the top of the kit; `called` and
    `out_called` what messages call the submission and the output folder; `kit` the digest of the kit
    that is to grade it. A `refusal` says why nothing could be taken."""

    id: str
    files: Files
    refusal: str
    lab: str
    seed: str
    build: str
    kit: str
    called: str = ""
    out_called: str = ""
    remark: str = ""  # of what was taken, and what was not


@dataclass(frozen=True)
class Graded:
    """What came of it: the output folder's files by their paths, results.json among them; or, where
    infrastructure broke, a `problem`, with or without files."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    problem: str = ""
    seconds: float = 0
    host: str = ""


def grade(task: Task) -> Graded:
    """Grades; a problem of the host's is told and not raised, so that it hurts nobody else."""
    started = time.monotonic()
    try:
        if task.kit != kit_digest.digest():
            raise GraderError(f"{ROOT} holds another version of the kit than where the class was "
                              "started")
        with scratch.folder() as folder:
            found, problem = _grade(task, folder)
    except (GraderError, OSError) as error:
        found, problem = {}, str(error)
    return Graded(found, problem, time.monotonic() - started, socket.gethostname())


def _grade(task: Task, folder: Path) -> tuple[dict[str, bytes], str]:
    files.lay_out(task.files, folder / "submission")
    (folder / "tmp").mkdir()
    (folder / "out").mkdir()
    status, said = _run(task, folder)
    found = _collect(folder / "out")
    if status == 0 and "results.json" in found:
        return found, ""
    return found, _infra(found) or said or f"the grader ended with status {status}, without a word"


def _infra(found: Mapping[str, bytes]) -> str:
    """What broke, as the first test without a score tells it."""
    results = json.loads(found.get("results.json", b"{}"))
    messages = (test["message"] for lab in results.get("labs", []) for test in lab["tests"]
                if test["verdict"] == Verdict.INFRA.value)
    return next((message.splitlines()[0] for message in messages if message), "")


def _arguments(task: Task, folder: Path) -> list[str]:
    options = {"build": str(ROOT / task.build), "submission": str(folder / "submission"),
               "out": str(folder / "out"), "lab": task.lab, "seed": task.seed, "jobs": "1",
               "refusal": task.refusal, "called": task.called, "out-called": task.out_called}
    return ["--may-be-empty", "--likeness", "--diagnose", *(f"--{name}={value}" for name, value in options.items())]


_own = threading.local()  # a thread's nursery
_at_work: set[Nursery] = set()
_stopped = threading.Event()


def stop_all() -> None:
    """Ends the gradings under way in this process, and every later one as it begins."""
    _stopped.set()
    for nursery in list(_at_work):
        nursery.kill()


def _run(task: Task, folder: Path) -> tuple[int, str]:
    """Runs to the end; the exit status, and the last line of complaint. Raises GraderError if there is
    no end in sight."""
    nursery = _nursery(str(ROOT / task.build), task.lab)
    _at_work.add(nursery)
    try:
        if _stopped.is_set():
            nursery.kill()
        status = nursery.grade(_arguments(task, folder), folder, SECONDS)
    except TimeoutError:
        nursery.kill()
        raise GraderError(f"the grading made no end of it in {SECONDS} s") from None
    finally:
        _at_work.discard(nursery)
    lines = machine.read(folder / SAID).decode("utf-8", "replace").strip().splitlines()
    return status, lines[-1].removeprefix("marionette: ") if lines else ""


def _nursery(build: str, lab: str) -> Nursery:
    """This thread's, which knows that build folder's reference by heart; another one if that came to harm."""
    if not hasattr(_own, "nursery") or not _own.nursery.is_alive:
        _own.nursery = Nursery(build, lab)
    return _own.nursery


def _collect(folder: Path) -> dict[str, bytes]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    if sum(path.stat().st_size for path in paths) > _MOST_OUTPUT:
        raise GraderError(f"the grading wrote more than {_MOST_OUTPUT >> 20} MiB")
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}
