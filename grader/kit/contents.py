"""Which files a student's kit has: those that git knows and that are named here. Nothing else leaves the
course's repository: what is not named here, however it is called, is the instructor's."""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.course.labs import ROOT, Lab
from grader.errors import GraderError

TEMPLATE = "grader/kit/template"  # what is in a kit only, or differs there

# Patterns as git has them (`:(glob)`), from the kit's top folder.
STUDENTS = (
    ".clang-format", ".clangd", ".editorconfig", ".gitattributes", ".gitignore", ".dockerignore", "Containerfile",
    "LICENSE", "Makefile", "packages.txt", "setup.sh",
    *(f"kernel/**/*.{suffix}" for suffix in ("h", "cpp", "S", "ld", "mk")),
    "grader/*.py", "grader/marionette", "grader/pytest.ini",
    *(f"grader/{room}/**" for room in (
        "appeal", "building", "course", "debug", "diagnosis", "emulators", "evidence", "examples", "formats", "grading",
        "judging", "reporting", "scenarios", "student")),
    *(f"grader/commands/{name}.py" for name in (
        "__init__", "bochs", "doctor", "editor", "examples", "explain", "format", "gdb", "grade", "handouts",
        "hint", "iso", "platform", "run", "submit", "watch")),
    "grader/page/*.py", "grader/page/assets/*.js", "grader/page/assets/page.css",
    *(f"grader/page/templates/{name}.html.j2" for name in ("base", "parts", "report")),
    "handouts/0-start.adoc", "handouts/figures/*.py", "handouts/theme/*",
    *(f"docs/{name}.md" for name in (
        "emulators", "examples", "pull-requests", "records", "report", "results", "scenarios")),
    "docs/results.schema.json", "docs/pictures/bochs.svg", "docs/report/*.png",
)
# Of each lab that is out.
OF_A_LAB = (
    "labs/{folder}/lab.toml", "labs/{folder}/*.py", "labs/{folder}/player.cpp",
    "labs/{folder}/scenarios/*.scenario", "labs/{folder}/traces/*", "handouts/{folder}.adoc",
)


def commit() -> str:
    """The commit that is cut from. Raises GraderError where git has none."""
    return _git("rev-parse", "HEAD").decode().strip()


def uncommitted() -> list[str]:
    """Files of a kit's kind that differ from the commit or are new, and so will not be in the kit as they are."""
    patterns = [*STUDENTS, *(pattern.format(folder="*") for pattern in OF_A_LAB), f"{TEMPLATE}/**"]
    return _git("status", "--porcelain", "--untracked-files=all", "--",
                *(f":(glob){pattern}" for pattern in patterns)).decode().splitlines()


def is_committed(path: Path) -> bool:
    """Whether git knows a file of the course's repository: then it is in its history, too."""
    return path.is_relative_to(ROOT) and bool(_git("ls-files", "--", str(path)))


def lay_out(folder: Path, given: Sequence[Lab]) -> None:
    """Writes the students' files of the commit to a folder, with those of the labs that are given out."""
    patterns = [*STUDENTS, *(pattern.format(folder=lab.folder.name)
                             for lab in given for pattern in OF_A_LAB)]
    _unpack(folder, "HEAD", list(_matching(patterns)))
    _unpack(folder, f"HEAD:{TEMPLATE}", ["."])


def _matching(patterns: Sequence[str]) -> Iterator[str]:
    """Those of the patterns that a file matches: git refuses to archive by any other."""
    for pattern in patterns:
        if _git("ls-files", "-z", "--", f":(glob){pattern}"):
            yield f":(glob){pattern}"


def _unpack(folder: Path, tree: str, paths: Sequence[str]) -> None:
    with tempfile.TemporaryFile() as archive:
        archive.write(_git("archive", "--format=tar", tree, "--", *paths))
        archive.seek(0)
        with tarfile.open(fileobj=archive) as tar:
            tar.extraction_filter = getattr(tarfile, "data_filter", None)  # Debian 12's Python has none
            tar.extractall(folder)


def _git(*arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, stdin=subprocess.DEVNULL,
                              capture_output=True, check=False)
    except FileNotFoundError:
        raise GraderError("git is not installed. `make setup` installs it.") from None
    if done.returncode != 0:
        raise GraderError("a kit is cut from what is committed, and git says: "
                          f"{done.stderr.decode('utf-8', 'replace').strip()}")
    return done.stdout
