"""GDB on QEMU's own stub, standing at the moment that was asked for."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from grader.building import build
from grader.course import labs
from grader.debug import terminal
from grader.debug.moment import Moment
from grader.debug.target import Target
from grader.emulators import qemu
from grader.errors import Infrastructure


def run(target: Target) -> int:
    """Opens GDB in this terminal until the person leaves it; its exit status."""
    if not _program():
        raise Infrastructure("gdb is not installed. `make setup` installs it.")
    os.utime(target.stage.image)  # else GDB warns where an unchanged file was saved again
    with tempfile.TemporaryDirectory(prefix="marionette-") as name:
        work = Path(name)
        Moment.of(target).save(work / "moment.json")
        with _emulator(target, work):
            # In UTF-8, as paths are here. Not in the kit's folder: there the stub has the name of the student's file.
            return terminal.run(_command(target, work), cwd=work, env={**os.environ, "LC_ALL": "C.UTF-8"})


def _program() -> str | None:
    """The one that knows a PC's machine code wherever it runs, if it is there: an ARM's own does not."""
    return next(filter(shutil.which, ("gdb-multiarch", "gdb")), None)


@contextlib.contextmanager
def _emulator(target: Target, work: Path) -> Iterator[None]:
    """QEMU, stopped before its first instruction; it waits for GDB at the socket work/gdb, and writes
    the serial line to work/log."""
    (work / "script").write_text(target.script, encoding="ascii")
    image = build.stripped(target.stage.image.resolve())
    arguments = [*qemu.command(image, debugged=True), "-append", f"tsc-shift={qemu.TSC_SHIFT}",
                 "-initrd", "script", "-serial", "file:log", "-S",
                 "-no-shutdown",  # a machine that reset itself stands as it was, and is looked at
                 "-chardev", f"socket,path={work / 'gdb'},server=on,wait=off,id=gdb",
                 "-gdb", "chardev:gdb"]
    emulator = subprocess.Popen([*terminal.WITH_US, *arguments], cwd=work, stdin=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        yield
    finally:
        emulator.kill()
        emulator.wait()


def _command(target: Target, work: Path) -> list[str]:
    """GDB, which goes to the moment by itself (in_gdb/session.py)."""
    begin = (f"import sys; sys.path.insert(0, {str(labs.ROOT)!r}); "
             f"from grader.debug.in_gdb import session; session.begin({str(work)!r})")
    # A submission's object must not bring scripts of its own.
    return [_program(), "-q", "-iex", "set auto-load no", "-iex", "set print symbol-loading off",
            str(target.stage.image.resolve()), "-ex", f"python {begin}"]
