"""Taking the labs' files from an archive: in a box, with limits to time, memory and output."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from grader.building import sandbox
from grader.cohort.intake.files import Odd, Taken
from grader.course.labs import ROOT
from grader.errors import Infrastructure

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
FOREIGN = (".7z", ".rar", ".tar.zst", ".gz", ".bz2", ".xz")  # archives that nobody here can open
LARGEST = 256 << 20  # bytes, as it was handed in
_LIMITS = sandbox.Limits(cpu_seconds=20, file_size=16 << 20, memory=512 << 20)
_INSIDE = "/kit"
_PROGRAM = ("import sys; sys.dont_write_bytecode = True; sys.path.insert(0, sys.argv.pop(1)); "
            "from grader.cohort.intake import unpack; unpack.main(*sys.argv[1:])")


class Refused(Exception):
    """Nothing can be taken from the archive; the text says why."""


def suffix(name: str) -> str:
    """The ending that makes a name an archive's; empty if it is none."""
    return next((s for s in SUFFIXES + FOREIGN if name.lower().endswith(s)), "")


def take(archive: Path, names: Sequence[str]) -> Taken:
    """The files of these names, from the first of their places. Raises Refused; Infrastructure or
    OSError where the host is to blame."""
    if suffix(archive.name) in FOREIGN:
        raise Refused(f"a {suffix(archive.name)} archive can't be opened here: zip or tar was expected")
    status = archive.stat()
    if not stat.S_ISREG(status.st_mode):
        raise Refused("it is no plain file")  # a pipe has no end
    if status.st_size > LARGEST:
        raise Refused(f"it is larger than {LARGEST >> 20} MiB")
    with tempfile.TemporaryDirectory(prefix="marionette-") as folder:
        answer = _unpack(archive, Path(folder), names)
        if answer["refusal"]:
            raise Refused(answer["refusal"])
        found: dict[str, bytes | Odd] = {name: Odd[odd] for name, odd in answer["odd"].items()}
        for path in Path(folder).iterdir():
            found[path.name] = path.read_bytes()
        return Taken(found, tuple(answer["left"]))


def _unpack(archive: Path, folder: Path, names: Sequence[str]) -> dict:
    """Runs unpack.main; what it answered."""
    boxed = not sandbox.degraded()
    kit, source, out = ((_INSIDE, "/archive", "/out") if boxed
                        else (str(ROOT), str(archive), str(folder)))
    command = [sys.executable, "-I", "-c", _PROGRAM, kit, source, out, *names]
    if boxed:
        command = sandbox.Box({ROOT / "grader": f"{_INSIDE}/grader", archive.resolve(): source},
                              {folder: out}).command(command)
    try:
        done = subprocess.run(_LIMITS.around(command), stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=sandbox.BACKSTOP, check=False)
    except subprocess.TimeoutExpired:
        raise Infrastructure(f"{archive.name} was not unpacked in {sandbox.BACKSTOP} s: the machine is "
                             "overloaded") from None
    if done.returncode in _over_the_limits():
        raise Refused("it takes too much time or memory to unpack")
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"status {done.returncode}"]
        raise Infrastructure(f"{archive.name} can't be unpacked: {last[0]}")
    return json.loads(done.stdout)


def _over_the_limits() -> list[int]:
    """Exit statuses of a program that its limits ended, boxed or not."""
    signals = (signal.SIGXCPU, signal.SIGXFSZ)
    return [status for s in signals for status in (-s, 128 + s)]
