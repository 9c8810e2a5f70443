"""Limits for programs that work on what a submission had a hand in, and a way to read what they print."""

from __future__ import annotations

import functools
import resource
import shutil
import subprocess
import tempfile
from dataclasses import dataclass

from grader.errors import Infrastructure

# Behind every limit of processor time, in seconds of anybody's: who gets there stood still, and that is the machine's
# fault, never a submission's. A busy machine is far from it.
BACKSTOP = 1800

OWN_MEMORY = 3 << 30  # bytes, of the process that grades: reports and records of a whole course take a tenth
OWN_SECONDS = 900  # of its processor time; a right submission takes three


@dataclass(frozen=True)
class Limits:
    """What a process may use: seconds of processor time, bytes of memory and of any file."""

    cpu_seconds: int
    file_size: int
    memory: int = 2 << 30

    def around(self, arguments: list[str]) -> list[str]:
        """The command that runs `arguments` with them. (Set between fork and exec, in Python, they
        would cost a copy of this process, and be unsafe beside its threads.) Raises Infrastructure."""
        _, most = resource.getrlimit(resource.RLIMIT_DATA)  # this process's own limit is not for those it starts
        data = "unlimited" if most == resource.RLIM_INFINITY else str(most)
        limited = [_found("prlimit"), f"--cpu={self.cpu_seconds}:{self.cpu_seconds + 1}",
                   f"--fsize={self.file_size}", f"--as={self.memory}", f"--data={data}", "--core=0", "--"]
        if narrower := self._beyond_the_callers():
            _try(tuple(limited), narrower)
        return [*limited, *arguments]

    def _beyond_the_callers(self) -> str:
        """Which of them are more than this process may have itself, in words; empty if none is."""
        wanted = ((resource.RLIMIT_CPU, self.cpu_seconds + 1, "-t", 1), (resource.RLIMIT_FSIZE, self.file_size, "-f", 1024),
                  (resource.RLIMIT_AS, self.memory, "-v", 1024))
        return ", ".join(f"ulimit {option} {most // unit}, and {amount // unit} are needed"
                         for what, amount, option, unit in wanted
                         if (most := resource.getrlimit(what)[1]) != resource.RLIM_INFINITY and most < amount)


@functools.cache
def _found(program: str) -> str:
    """Its path, which inside of boxes is another."""
    if not (path := shutil.which(program)):
        raise Infrastructure(f"{program} is not installed. `make setup` installs it; its package is util-linux.")
    return path


@functools.cache
def _try(limited: tuple[str, ...], narrower: str) -> None:
    """Raises Infrastructure where limits can't be set that are wider than the caller's: what was started would end at
    once, and a submission be blamed for it."""
    if subprocess.run([*limited, "true"], stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode:
        raise Infrastructure(f"whoever started this limits it to less than a grading takes ({narrower}): raise that limit "
                             "(`ulimit`, or the batch system's), and grade again")


# For the binutils, which read a submission's object outside of any box: a name of a few hundred letters may stand for
# one of gigabytes.
BINUTILS = Limits(cpu_seconds=20, file_size=64 << 20, memory=256 << 20)
_LISTING = Limits(cpu_seconds=20, file_size=32 << 20, memory=256 << 20)


def listed(command: list[str], seconds: int = BACKSTOP) -> bytes:
    """What one of the binutils prints, within limits. Raises CalledProcessError, with what it complained of,
    TimeoutExpired, or OSError."""
    with tempfile.TemporaryFile() as sink:  # a pipe has no limit
        subprocess.run(_LISTING.around(command), stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.PIPE,
                       timeout=seconds, check=True)
        sink.seek(0)
        return sink.read()


def of_this_process() -> None:
    """Limits what a grading itself may use, whatever a submission makes of it: then it ends, and not the machine."""
    for what, wanted in ((resource.RLIMIT_DATA, OWN_MEMORY), (resource.RLIMIT_CPU, OWN_SECONDS)):
        now, most = resource.getrlimit(what)
        usual = [limit for limit in (wanted, now, most) if limit != resource.RLIM_INFINITY]
        resource.setrlimit(what, (min(usual), most))
