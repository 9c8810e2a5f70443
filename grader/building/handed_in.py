"""What was handed in: the labs' files, wherever in a submission they lie."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from grader.building import places
from grader.course import labs
from grader.course.labs import Lab
from grader.errors import GraderError, printable

_MEANT = re.compile(r"\.(cpp|cc|cxx|c|zip|tgz|tar|7z|rar)\b", re.IGNORECASE)
_MOST, _LONGEST = 3, 60  # of names that are told, and of their characters


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
        there = others(path)
        raise GraderError(f"{path} has none of {names}, neither in kernel/mm/, nor in mm/, nor "
                          "itself, nor in the one folder in it" + (f"; what is there: {', '.join(there)}" if there else ""))


def files(lab: Lab, submission: Path) -> dict[str, Path]:
    """The lab's files in a submission: below kernel/mm/, mm/, or the submission itself; if no lab's are
    there, in the one folder in it (`places`). Where there is a link on the way to one it is the link's
    path, which the gate refuses."""
    return _at(submission, lab) or _at(submission / _innermost(lab, submission), lab)


def others(submission: Path) -> list[str]:
    """The names of a few sources and archives in a submission's top folder that no lab asks for: one may be meant."""
    known = {name for lab in labs.all_labs() for name in lab.files}
    with suppress(OSError), os.scandir(submission) as entries:
        found = sorted(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
        return [printable(name, _LONGEST) for name in found if name not in known and _MEANT.search(name)][:_MOST]
    return []


def examples(lab: Lab, submission: Path) -> Path | None:
    """The lab's examples in a submission, or the link on the way to them, if they are there; those of this tree, whose
    files lie in kernel/mm/, are beside kernel/."""
    top = labs.ROOT if submission == labs.ROOT / "kernel" / "mm" else submission
    paths = (_up_to_a_link(here, *Path(place).parts, lab.examples)
             for here in (top, top / _innermost(lab, top)) for place in places.EXAMPLES)
    return next(filter(_is_there, paths), None)


def _at(top: Path, lab: Lab) -> dict[str, Path]:
    found = {}
    for name in lab.files:
        paths = (_up_to_a_link(top, *Path(place).parts, name) for place in places.PLACES)
        path = next(filter(_is_there, paths), None)
        if path:
            found[name] = path
    return found


def _innermost(lab: Lab, submission: Path) -> str:
    """The folder that counts as the submission, whichever lab is asked for: "" for the submission."""
    names = {name for each in (lab, *labs.all_labs()) for name in each.files}
    return places.innermost(lambda path: _is_there(_up_to_a_link(submission, *Path(path).parts)),
                            lambda path: _folders(submission / path), sorted(names))


def _is_there(path: Path) -> bool:
    return path.is_symlink() or path.is_file()


def _folders(path: Path) -> list[str]:
    with suppress(OSError), os.scandir(path) as entries:
        return sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    return []


def _up_to_a_link(path: Path, *parts: str) -> Path:
    """The path that these parts lead to, or the first link among them."""
    for part in parts:
        path = path / part
        if path.is_symlink():
            break
    return path
