"""Grading where a platform runs us: what it reads is there whatever happens, the results or why there
are none.

The grading is a process of its own, so that nothing it may come to takes the platform's file with it; this
one needs Python alone.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from grader import formats
from grader.course.labs import ROOT
from grader.errors import EXIT_BELOW, EXIT_BROKEN, GraderError
from grader.formats.format import Context

WORK = ROOT / "build" / "grade"
UNDER_WAY = "it was ended before its time"  # what is found where nobody could write anything better


@dataclass(frozen=True)
class Platform:
    """Where a platform puts the submission; the formats it reads and where (`-`: standard output;
    `$NAME`: the file that this variable names).

    `fails`: a status of 2 tells it that the grading broke, else it is 0. `requires`: 3 tells it that
    REQUIRE= was not reached. `quotes`: its log is searched for commands. `shown`: students can read it.
    """

    name: str
    submission: str
    files: tuple[tuple[str, str], ...]
    fails: bool = False
    requires: bool = False
    quotes: bool = False
    shown: bool = False


PLATFORMS = {platform.name: platform for platform in (
    Platform("gradescope", "/autograder/submission",
             (("gradescope", "/autograder/results/results.json"),)),
    Platform("prairielearn", "/grade/student", (("prairielearn", "/grade/results/results.json"),)),
    Platform("autolab", ".", (("autolab", "-"),), shown=True),
    Platform("classroom50", ".", (("classroom50", "result.json"),), fails=True, quotes=True, shown=True),
    Platform("github", ".",
             (("github-summary", "$GITHUB_STEP_SUMMARY"), ("github-annotations", "-")),
             fails=True, requires=True, quotes=True, shown=True),
)}


def named(name: str) -> Platform:
    """The platform of that name. Raises GraderError, which lists those there are."""
    if name not in PLATFORMS:
        raise GraderError(f"there is no platform '{name}', only: {', '.join(PLATFORMS)}")
    return PLATFORMS[name]


def run(platform: Platform, out: str, work: Path, more: Sequence[str]) -> int:
    """Grades, and writes what the platform reads; the status that it expects.

    `out` is another place for its first file, `work` the folder for results.json; `more` are options of
    `marionette grade`.
    """
    context = Context(os.environ)
    known = formats.all_formats()
    files = [(known[name], out if out and i == 0 else _place(target))
             for i, (name, target) in enumerate(platform.files)]
    for form, target in files:
        if target != "-":
            formats.write(form.broken(UNDER_WAY, context), target)
    (work / "results.json").unlink(missing_ok=True)
    told = ["--for-students"] if platform.shown else []
    with _quoted(platform.quotes):
        status, reason = _grade(platform.submission, work, [*told, *more])
    for form, target in files:
        text, missing = formats.convert(form, work / "results.json", context)
        formats.write(form.broken(reason, context) if missing else text, target)
    if status == EXIT_BELOW:
        return status if platform.requires else 0
    return EXIT_BROKEN if status and platform.fails else 0


def _place(target: str) -> str:
    """A file's path; where the variable that names it is not set, a file here."""
    return os.environ.get(target[1:]) or "summary.md" if target.startswith("$") else target


def _grade(submission: str, work: Path, more: Sequence[str]) -> tuple[int, str]:
    """Builds the kernel and grades: the status, and what was said of it if that is not 0.

    Messages call the folders as they are in the student's own kit.
    """
    grade = ["grade", "--may-be-empty", "--called", ".", "--out-called", "build/grade",
             "--submission", submission, "--out", str(work), *more]
    for command in (["make", "--no-print-directory", "-C", str(ROOT), "kernel"],
                    [str(ROOT / "grader" / "marionette"), *grade]):
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                  check=False)
        except OSError as error:
            return EXIT_BROKEN, f"{command[0]} can't be started: {error.strerror}"
        said = done.stderr.decode("utf-8", "replace")
        print(said, end="", file=sys.stderr, flush=True)
        if done.returncode:
            last = next(filter(None, reversed(said.splitlines())), f"status {done.returncode}")
            return done.returncode, last.removeprefix("marionette: ")
    return 0, ""


@contextmanager
def _quoted(wanted: bool) -> Iterator[None]:
    """Nothing that is printed inside is a command to GitHub's runner, whoever wrote it."""
    token = secrets.token_hex(16)
    if wanted:
        print(f"::stop-commands::{token}", flush=True)
    try:
        yield
    finally:
        if wanted:
            print(f"\n::{token}::", flush=True)
