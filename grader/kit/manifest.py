"""What a kit was cut as: `.kit`, in the format of sha256sum, so that an update knows what is whose."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from grader.errors import GraderError
from grader.student.changed import MANIFEST as NAME
from grader.student.changed import as_cut


def write(kit: Path) -> None:
    """Lists every file of a new kit with its digest."""
    lines = [f"{digest(kit / path)}  {path}\n" for path in sorted(files(kit))]
    (kit / NAME).write_text("".join(lines), encoding="utf-8")


def read(kit: Path) -> dict[str, str]:
    """Path -> digest as the kit was cut. Raises GraderError where there is no kit."""
    try:
        return as_cut(kit)
    except (OSError, ValueError) as error:
        raise GraderError(f"{kit} is no kit that `make kit` made ({NAME}: {error})") from error


def files(kit: Path) -> Iterator[str]:
    """The paths of a folder's files, but git's own and the manifest."""
    for folder, folders, names in os.walk(kit):
        if Path(folder) == kit:
            folders[:] = [name for name in folders if name != ".git"]
        for name in names:
            path = (Path(folder) / name).relative_to(kit).as_posix()
            if path != NAME:
                yield path


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
