"""Taking the labs' files from a folder, without following a link anywhere in it."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from grader.building import gate, places
from grader.cohort.files import Files, Odd

_NO_SUCH = (errno.ENOENT, errno.ENOTDIR)


def take(root: Path, names: Sequence[str]) -> Files:
    """The files of these names, from the first of their places. Raises OSError where the host, and
    not the submission, is to blame."""
    here = places.innermost(lambda path: _is_there(root, path),
                            lambda path: _folders(root, path), names)
    found = {}
    for name in names:
        for place in places.PLACES:
            path = places.joined(here, place, name)
            if _is_there(root, path):
                found[name] = _read(root, path)
                break
    return found


@contextmanager
def _parent(root: Path, path: str) -> Iterator[int]:
    """A descriptor of the folder that a path below `root` is in. Raises OSError: ELOOP or ENOTDIR if
    there is a link on the way."""
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in Path(path).parent.parts:
            below = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = below
        yield here
    finally:
        os.close(here)


def _is_there(root: Path, path: str) -> bool:
    """Whether there is a file, or something else that bears its name."""
    try:
        with _parent(root, path) as parent:
            status = os.stat(Path(path).name, dir_fd=parent, follow_symlinks=False)
            return not stat.S_ISDIR(status.st_mode)
    except OSError as error:
        if error.errno in (*_NO_SUCH, errno.ELOOP):
            return False
        raise


def _read(root: Path, path: str) -> bytes | Odd:
    with _parent(root, path) as parent:
        try:
            handle = os.open(Path(path).name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK,
                             dir_fd=parent)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENXIO):
                return Odd.LINK if error.errno == errno.ELOOP else Odd.SPECIAL
            raise
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return Odd.SPECIAL
        content = file.read(gate.MAX_SOURCE + 1)
        return content if len(content) <= gate.MAX_SOURCE else Odd.LARGE


def _folders(root: Path, path: str) -> list[str]:
    with suppress(OSError), _parent(root, places.joined(path, "x")) as here, os.scandir(here) as all_:
        return sorted(entry.name for entry in all_ if entry.is_dir(follow_symlinks=False))
    return []
