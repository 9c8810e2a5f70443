"""Which files a student's kit has: those that git knows, less what is the instructor's."""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from collections.abc import Collection
from pathlib import Path

from grader.course.labs import ROOT, Lab
from grader.errors import GraderError

TEMPLATE = "grader/kit/template"  # what is in a kit only, or differs there

# Patterns as git has them, from the kit's top folder.
INSTRUCTORS_OWN = (
    ".ci", ".github", "course.toml", "instructor.mk", "CONTRIBUTING.md", "README.md",
    "solutions", "tests", "tools", "bench",
    "docs/pictures/grade.svg", "docs/instructor-guide.md", "docs/README.md", "docs/make_pictures.py",
    "docs/draw_architecture.py",
    "docs/mutants*", "docs/performance.md", "docs/class.md", "docs/ta-guide.md",
    "grader/kit", "grader/mutants", "grader/cohort", "grader/bench",
    "grader/page/*/class.*",
    *(f"grader/commands/{name}.py" for name in (
        "bench", "class", "emulators", "kit", "mutant", "mutants", "nursery", "package",
        "similarity")),
)


def commit() -> str:
    """The commit that is cut from. Raises GraderError where git has none."""
    return _git("rev-parse", "HEAD").decode().strip()


def uncommitted() -> list[str]:
    """Files that differ from the commit, and so will not be in the kit as they are."""
    return _git("status", "--porcelain", "--untracked-files=no").decode().splitlines()


def lay_out(folder: Path, held_back: Collection[Lab]) -> None:
    """Writes the files of the commit to a folder, but those of labs that are held back."""
    own = [*INSTRUCTORS_OWN, *(f"labs/{lab.folder.name}" for lab in held_back),
           *(f"handouts/{lab.folder.name}*" for lab in held_back)]
    _unpack(folder, "HEAD", *(f":(exclude){pattern}" for pattern in own))
    _unpack(folder, f"HEAD:{TEMPLATE}")


def _unpack(folder: Path, tree: str, *patterns: str) -> None:
    with tempfile.TemporaryFile() as archive:
        archive.write(_git("archive", "--format=tar", tree, "--", ".", *patterns))
        archive.seek(0)
        with tarfile.open(fileobj=archive) as tar:
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
