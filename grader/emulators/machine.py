"""A machine that boots a kernel image and plays a script: what the emulators share, each of which is a module beside
this one."""

from __future__ import annotations

import contextlib
import os
import re
import select
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from grader.building import sandbox
from grader.errors import Infrastructure
from grader.evidence.dealt import Dealt
from grader.evidence.snapshot import Snapshot
from grader.judging.judge import Ending

MEMORY = 32  # MiB
MAX_OUTPUT = 2 << 20  # bytes of serial log; the longest of the reference's has 160,000
MAX_FILE = 8 << 20  # bytes of any file that the emulator writes
_ERRORS = "errors"  # the file with what it complains of


@dataclass(frozen=True)
class Boot:
    """What is left of one boot."""

    log: bytes
    ending: Ending
    fault: int | None = None  # where a triple fault began, if that was asked for and is known
    snapshots: list[Snapshot] = field(default_factory=list)  # one for each stop
    foreign: str = ""  # code that ran and is not the image's, in words; QEMU only
    dealt: Dealt | None = None  # what was seen while the script was dealt, if it was
    instructions: Sequence[int] = ()  # executed before each byte of the log, where that is known
    # The addresses of what ran, if that was asked for: of all; in scenarios apart before the first, and of each
    # what had not run before.
    reached: tuple[frozenset[int], ...] = ()
    seconds: float = 0  # of the emulator's processor time, where that is known
    # Instructions at most, when the kernel said that it would switch the machine off: none if it didn't; where that is known.
    executed: int | None = None


class Emulator(Protocol):
    """What a module of grader/emulators/ offers. `VERSION` is a command that says which one it is."""

    VERSION: list[str]

    def boot(self, image: Path, script: str, memory: int = MEMORY, trace: bool = False,
             inspect: bool = False, contents: int = 0, hurry: bool = False, watched: bool = True) -> Boot:
        """Boots an image and waits for its end. `script` becomes the Multiboot module.

        `memory` is in MiB; `trace` finds out where a triple fault began; `inspect` looks at the page
        tables whenever the kernel stops for it, and keeps so many bytes (`contents`) of what the memory
        holds then; `hurry` gives it little processor time; one that is not `watched` may run any code
        unseen, where that is quicker. Raises Infrastructure when the emulator could
        not do its work.
        """


def program(name: str) -> str:
    """An emulator's path. Raises Infrastructure if it isn't there."""
    path = shutil.which(name)
    if not path:
        raise Infrastructure(f"{name} is not installed. `make setup` installs it.")
    return path


# In a box that is not whole yet nothing is killed when we are: in it, an emulator begins once it has said that it is
# there, and heard that so are we. At its end it is told what processor time it took: of what runs in a box, nobody
# outside can ask.
_HELD = ["/usr/bin/sh", "-c", 'echo >&0; read -r _ || exit; "$@" </dev/null; ended=$?; times >&0; exit $ended', "sh"]
_TIME = re.compile(r"(\d+)m([\d.]+)s")  # as `times` has it: its own, then its children's

_under_way: set[subprocess.Popen] = set()
_stopped = threading.Event()
_stopped_for: list[str] = []


def stop_all(why: str = "") -> None:
    """Ends the boots under way, in whatever thread, and every later one as it begins: `why` is said of them."""
    _stopped_for.extend([why] if why else [])
    _stopped.set()
    for process in list(_under_way):
        process.kill()


class Done(NamedTuple):
    """How an emulator ended: its exit status (a box makes signal N 128 + N), what it complained of, and the seconds of
    processor time that it took, 0 where that is not known."""

    status: int
    errors: str
    seconds: float = 0


def run(arguments: list[str], folder: Path, limits: sandbox.Limits,
        watch: Callable[[], bool | None] | None = None, stdin: int = subprocess.DEVNULL,
        descriptors: Sequence[int] = (), environment: dict[str, str] | None = None) -> Done:
    """Runs an emulator in its box and its folder, to its end.

    `watch` is called once it runs, and returns when there is nothing left to watch: true if the emulator is to be ended
    then. `descriptors` are passed on; `environment` is added to what the box has. (Nothing here copies this process's own, which
    pytest changes all the while in another thread.)
    """
    held = stdin == subprocess.DEVNULL and not sandbox.degraded()
    arguments = limits.around(_boxed(arguments, folder, environment or {}, _HELD if held else []))
    here, there = socket.socketpair()
    with here:
        with there:
            process = _started(arguments, folder, there if held else stdin, descriptors)
        with _under_our_eyes(process):
            _let_go(here)
            if watch and watch():
                process.kill()
            _wait_for(process, sandbox.BACKSTOP)
            seconds = _processor_time(here)
    if _stopped_for:
        raise Infrastructure(_stopped_for[0])
    return Done(process.returncode, read(folder / _ERRORS).decode("utf-8", "replace"), seconds)


def _started(arguments: list[str], folder: Path, stdin: int | socket.socket,
             descriptors: Sequence[int]) -> subprocess.Popen:
    try:
        with (folder / _ERRORS).open("wb") as errors:
            return subprocess.Popen(arguments, cwd=folder, stdin=stdin, stdout=subprocess.DEVNULL, stderr=errors,
                                    pass_fds=descriptors)
    except OSError as error:
        raise Infrastructure(f"{arguments[0]} can't be started: {error.strerror}") from error


@contextlib.contextmanager
def _under_our_eyes(process: subprocess.Popen) -> Iterator[None]:
    """Whoever stops all boots stops this one; afterwards it has ended. Raises Infrastructure if it made no end of it."""
    _under_way.add(process)
    try:
        if _stopped.is_set():
            process.kill()
        yield
    except TimeoutError:
        raise Infrastructure(f"the emulator made no end of it in {sandbox.BACKSTOP} s, and used little "
                             "processor time: the machine stands still") from None
    finally:
        _under_way.discard(process)
        process.kill()
        process.wait()


def _let_go(emulator: socket.socket) -> None:
    """Tells an emulator that waits in its box to begin; one that never came so far has closed its end. One that was
    stopped before its box could be is not told, and ends."""
    emulator.settimeout(sandbox.BACKSTOP)
    with contextlib.suppress(ConnectionError):
        if emulator.recv(1) and not _stopped.is_set():
            emulator.sendall(b"\n")


def _processor_time(emulator: socket.socket) -> float:
    """What one that has ended said of it; 0 if it said nothing."""
    emulator.settimeout(0)
    with contextlib.suppress(OSError):
        said = _TIME.findall(emulator.recv(1000).decode("ascii", "replace"))
        return sum(int(minutes) * 60 + float(seconds) for minutes, seconds in said)
    return 0


def _boxed(arguments: list[str], folder: Path, environment: dict[str, str], before: list[str]) -> list[str]:
    """The command that runs an emulator in its box, where there can be boxes, and there what comes `before` it."""
    if sandbox.degraded():
        return sandbox.with_environment(arguments, environment) if environment else arguments
    elsewhere = {} if arguments[0].startswith("/usr/") else {Path(arguments[0]): arguments[0]}
    return sandbox.Box(elsewhere, {folder: "/machine"}, "/machine", environment).command([*before, *arguments])


def _wait_for(process: subprocess.Popen, seconds: float) -> None:
    """Waits for a process to end: at once, where Popen.wait(timeout) sleeps up to 50 ms too long."""
    descriptor = os.pidfd_open(process.pid)
    try:
        if not select.select([descriptor], [], [], seconds)[0]:
            raise TimeoutError
    finally:
        os.close(descriptor)


def killed(signal: int) -> Infrastructure:
    """The error for an emulator that a signal ended which no limit sends."""
    return Infrastructure(f"the emulator was ended by signal {signal}: somebody killed it, or the "
                          "machine ran out of memory")


def read(path: Path) -> bytes:
    """A file that the emulator left, or nothing if it left none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
