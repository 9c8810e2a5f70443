"""Taking the labs' files from a folder, without following a link anywhere in it."""

from __future__ import annotations

import errno
import itertools
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from grader.building import gate, places
from grader.cohort.intake.files import Odd, Taken

_NO_SUCH = (errno.ENOENT, errno.ENOTDIR)


def take(root: Path, names: Sequence[str]) -> Taken:
    """The files of these names, from the first of their places. Raises OSError where the host, and
    not the submission, is to blame."""
    here = places.innermost(lambda path: _is_there(root, path),
                            lambda path: _folders(root, path), names)
    chosen = {}
    for name in names:
        paths = (places.joined(here, place, name) for place in places.of(name))
        if path := next((path for path in paths if _is_there(root, path)), None):
            chosen[name] = path
    return Taken({name: read(root, path) for name, path in chosen.items()},
                 tuple(_left(root, set(chosen.values()), names)))


def _left(root: Path, taken: set[str], names: Sequence[str]) -> list[str]:
    """What looks like a lab's file and was not taken, and links, which are not followed."""
    paths, links = [], []
    for path, is_link in itertools.islice(_walk(root), places.MOST_PATHS):
        (links if is_link else paths).append(path)
    return places.left(paths, taken, names) + [f"{path} (a link)" for path in sorted(set(links) - taken)]


def _walk(root: Path) -> Iterator[tuple[str, bool]]:
    """The paths of everything that a person put below `root` but folders, and whether it is a link."""
    below = [""]
    while below:
        here = below.pop()
        with suppress(OSError), os.scandir(root / here) as entries:
            for entry in entries:
                path = places.joined(here, entry.name)
                if not places.visible([entry.name]):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    below.append(path)
                else:
                    yield path, entry.is_symlink()


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


def read(root: Path, path: str) -> bytes | Odd:
    """A file below `root`, or what it is instead. Raises OSError."""
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
