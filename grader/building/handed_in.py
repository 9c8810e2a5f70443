"""What was handed in: the labs' files, wherever in a submission they lie."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from grader.course.labs import Lab
from grader.errors import GraderError

PLACES = ("kernel/mm", "mm", ".")  # where a submission may have its files, the first that has one


def check(path: Path, chosen: Sequence[Lab]) -> None:
    """Raises GraderError, which says what was looked for, if there is nothing to grade."""
    if not path.exists():
        raise GraderError(f"there is no {path}: SUBMISSION= takes a folder")
    if not path.is_dir():
        raise GraderError(f"{path} is no folder: SUBMISSION= takes the folder with the .cpp files")
    if not os.access(path, os.R_OK | os.X_OK):
        raise GraderError(f"{path} can't be read: check its permissions")
    if not any(files(lab, path) for lab in chosen):
        names = ", ".join(name for lab in chosen for name in lab.files)
        raise GraderError(f"{path} has none of {names}, neither in kernel/mm/, nor in mm/, nor "
                          "itself")


def files(lab: Lab, submission: Path) -> dict[str, Path]:
    """The lab's files in a submission: below kernel/mm/, mm/, or the submission itself. Where there is a
    link on the way to one it is the link's path, which the gate refuses."""
    found = {}
    for name in lab.files:
        for folder in PLACES:
            path = _up_to_a_link(submission, *Path(folder).parts, name)
            if path.is_symlink() or path.is_file():
                found[name] = path
                break
    return found


def _up_to_a_link(path: Path, *parts: str) -> Path:
    """The path that these parts lead to, or the first link among them."""
    for part in parts:
        path = path / part
        if path.is_symlink():
            break
    return path
