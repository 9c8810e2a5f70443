"""Folders to work in, which go away with the work; those of a process that was killed, with the next one's."""

from __future__ import annotations

import fcntl
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_LOCK = ".lock"  # held for as long as somebody works there: the system lets go of a killed process's


@contextmanager
def folder(place: Path, name: str) -> Iterator[Path]:
    """A folder of one's own for as long as the context lasts; in `place`, and its name begins with `name`. Raises
    OSError."""
    sweep(place, name)
    with tempfile.TemporaryDirectory(prefix=f"{name}-", dir=place, ignore_cleanup_errors=True) as made:
        with _held(Path(made)):
            yield Path(made)


def sweep(place: Path, name: str) -> None:
    """Removes such folders of one's own that nobody works in any more."""
    for lock in place.glob(f"{glob.escape(name)}-*/{_LOCK}"):
        with suppress(OSError):
            if lock.parent.stat().st_uid == os.getuid():
                _remove_if_left(lock)


def _remove_if_left(path: Path) -> None:
    with path.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path.parent, ignore_errors=True)


@contextmanager
def _held(work: Path) -> Iterator[None]:
    """Locks a folder; nobody sees the lock before it is held."""
    unseen = work / f"{_LOCK}-new"
    with unseen.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        unseen.rename(work / _LOCK)
        yield
