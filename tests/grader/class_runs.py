"""Class runs, for tests of them: a small class, running `make class` on it, reading what is left."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

import psutil
import pytest
from class_maker import as_folder, as_moodle, as_tarball, as_zip, climbing, truncated
from conftest import ROOT, shared

from grader.course import labs
from grader.mutants import sources

Outcome = TypeVar("Outcome")
SECONDS = 900  # the longest that anything is waited for, on a busy machine


def small_class(where: Path) -> dict[str, int | None]:
    """Makes a class for lab 1: the students, and the points they are to get (None: some)."""
    where.mkdir(parents=True)
    lab = labs.find("buddy")
    right = {"kernel/mm/buddy.cpp": sources.reference(lab).read_bytes()}
    wrong = sources.find(lab, "no_coalescing").text.encode()
    as_folder(where, "anna", right)
    as_tarball(where, "ben", {"kernel/mm/buddy.cpp": wrong})
    as_zip(where, "carl", {"mm/buddy.cpp": (ROOT / "kernel" / "mm" / "buddy.cpp").read_bytes()})
    as_moodle(where, "dora", {"buddy.cpp": b"\n" + right["kernel/mm/buddy.cpp"]})
    as_folder(where, "emil", {"buddy.cpp": b"size_t buddy_alloc;\n"})
    as_folder(where, "fritz", {"README": b"I was ill.\n", "conftest.py": b"raise SystemExit\n"})
    truncated(where, "greta", right)
    climbing(where, "hugo", right)
    return {"anna": 100, "ben": None, "carl": 0, "dora_4711": 100, "emil": 0, "fritz": 0, "greta": 0,
            "hugo": 0}


@pytest.fixture(scope="session")
def done(build_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output folder of a run over the small class, which all tests only read."""
    del build_folder  # only that it is built

    def make(folder: Path) -> None:
        small_class(folder / "submissions")
        finished = run(folder / "submissions", folder / "out")
        assert finished.returncode == 0, finished.stdout + finished.stderr
    return shared(tmp_path_factory, "small-class", make) / "out"


@pytest.fixture(scope="session")
def students(done: Path) -> Path:
    """The small class that was graded there."""
    return done.parent / "submissions"


def command(submissions: Path, out: Path, *options: str) -> list[str]:
    """The command line of a class run for lab 1."""
    return [str(ROOT / "grader" / "marionette"), "class", "--build", str(ROOT / "build" / "0xC0000000"),
            "--lab", "buddy", "--submissions", str(submissions), "--out", str(out), *options]


def run(submissions: Path, out: Path, *options: str) -> subprocess.CompletedProcess:
    """A class run to its end."""
    return subprocess.run(command(submissions, out, *options), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=SECONDS, check=False)


def start(submissions: Path, out: Path, *options: str) -> subprocess.Popen:
    """A class run that goes on while the test does."""
    return subprocess.Popen(command(submissions, out, *options), stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            start_new_session=True,
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def graded(out: Path) -> dict[str, dict]:
    """The students' results by their folders. They are the same wherever OUT= was."""
    found = {}
    for path in sorted((out / "students").glob("*/results.json")):
        found[path.parent.name] = json.loads(path.read_text().replace(str(out), "OUT"))
    return found


def scores(out: Path) -> dict[str, object]:
    """The students' points."""
    return {student: results["score"] for student, results in graded(out).items()}


def records(out: Path) -> dict[str, dict]:
    """The students' graded.json, by their folders; a folder that is still being filled is no student's."""
    return {path.parent.name: json.loads(path.read_text())
            for path in sorted((out / "students").glob("[!.]*/graded.json"))}


def wait_until(condition: Callable[[], Outcome], what: str) -> Outcome:
    """Waits for something to become true, and returns it; fails the test if it never does."""
    end = time.monotonic() + SECONDS
    while not (outcome := condition()):
        assert time.monotonic() < end, f"nothing came of it: {what}"
        time.sleep(0.02)
    return outcome


def scheduler_address(about: Path) -> str | None:
    """The address that Dask's scheduler has written to its file; nothing as long as it is there in part only."""
    try:
        return json.loads(about.read_text())["address"]
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def gradings(process: int) -> list[int]:
    """The gradings under way below a process: what its nurseries have forked, each in a folder of its own. (What else
    they start looks like them for a moment.)"""
    found = []
    try:
        for nursery in psutil.Process(process).children(recursive=True):
            if "nursery" in nursery.cmdline():
                found += [child.pid for child in nursery.children() if "/marionette-class-" in child.cwd()]
    except (psutil.Error, FileNotFoundError):
        pass  # one has ended
    return found


def alive(processes: Iterable[int]) -> list[int]:
    """Those of them that have not ended."""
    return [pid for pid in processes if _is_alive(pid)]


def _is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
