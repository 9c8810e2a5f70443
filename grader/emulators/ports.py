"""Where a boot in QEMU says what it says: its serial port."""

from __future__ import annotations

import base64
import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from grader.errors import Infrastructure

_RING = 64 << 20  # bytes; more than a guest can send in the processor time it has

Command = Callable[[str, dict], object]  # asks the emulator (qmp.Attendant.command)


class Port(Protocol):
    """Where the serial port's bytes go. `said` is all of them so far, `sent` how many these are, where that is seen
    while the machine stands still, and `kept` what is left when the emulator has ended: what nobody had heard by then,
    one that `forgets` has lost."""

    arguments: list[str]
    forgets: bool

    def said(self, command: Command) -> bytes: ...

    def sent(self) -> int | None: ...

    def kept(self) -> bytes: ...


class Ring:
    """A buffer in the emulator, read through QMP. A file would take a system call for each byte,
    and half of a boot's time; but what was not read when the emulator ends is lost."""

    arguments = ["-chardev", f"ringbuf,id=serial,size={_RING}", "-serial", "chardev:serial"]
    forgets = True

    def __init__(self) -> None:
        self._said = bytearray()

    def said(self, command: Command) -> bytes:
        more = command("ringbuf-read", {"device": "serial", "size": _RING, "format": "base64"})
        try:
            self._said += base64.b64decode(more)
        except (TypeError, ValueError):
            raise Infrastructure("the emulator answers with something else than what the serial port said") from None
        return self._said

    def sent(self) -> None:
        return None

    def kept(self) -> bytes:
        return bytes(self._said)


class LogFile:
    """A file: slow, and whole however the emulator ends."""

    # A chardev's log costs less a byte than a chardev that is a file, and is there as soon.
    arguments = ["-chardev", "null,id=serial,logfile=log", "-serial", "chardev:serial"]
    forgets = False

    def __init__(self, folder: Path) -> None:
        self._path = folder / "log"

    def said(self, command: Command) -> bytes:
        del command
        return self._path.read_bytes()

    def sent(self) -> int:
        with contextlib.suppress(FileNotFoundError):
            return os.stat(self._path).st_size
        return 0

    def kept(self) -> bytes:
        with contextlib.suppress(FileNotFoundError):
            return self._path.read_bytes()
        return b""
