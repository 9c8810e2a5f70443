"""Folders to work in, which go away with the work; those of a process that was killed, later."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "marionette-class-"
_LOCK = ".lock"  # held for as long as somebody works there
_YOUNG = 60  # seconds: somebody may be about to take the lock


@contextmanager
def folder() -> Iterator[Path]:
    """A folder of one's own for as long as the context lasts."""
    sweep()
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as name:
        with (Path(name) / _LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield Path(name)


def sweep() -> None:
    """Removes what processes left that were killed: the system lets go of their locks."""
    for path in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_LOCK}"):
        with suppress(OSError):
            status = path.parent.stat()
            if status.st_uid == os.getuid() and time.time() - status.st_mtime > _YOUNG:
                with path.open("rb") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(path.parent, ignore_errors=True)
