"""Boxes for what a submission has a hand in: the compiler that reads it, the emulator that runs it.

bubblewrap: no network, no other processes, nothing of the file system but what is named. Where it does
not work (no user namespaces), commands run unboxed and `degraded` says so: never silently.
"""

from __future__ import annotations

import functools
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_INSIDE = ["--unshare-all", "--unshare-user", "--uid", "65534", "--gid", "65534", "--cap-drop", "ALL",
           "--die-with-parent", "--new-session", "--clearenv", "--setenv", "PATH", "/usr/bin",
           "--setenv", "LC_ALL", "C.UTF-8", "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib",
           "/lib", "--symlink", "usr/lib64", "/lib64", "--symlink", "usr/bin", "/bin",
           "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]


@dataclass(frozen=True)
class Limits:
    """What a boxed process may use: seconds of processor time, bytes of memory and of any file."""

    cpu_seconds: int
    file_size: int
    memory: int = 2 << 30

    def around(self, arguments: list[str]) -> list[str]:
        """The command that runs `arguments` with them. (Set between fork and exec, in Python, they
        would cost a copy of this process, and be unsafe beside its threads.)"""
        return ["/usr/bin/prlimit", f"--cpu={self.cpu_seconds}:{self.cpu_seconds + 1}",
                f"--fsize={self.file_size}", f"--as={self.memory}", "--core=0", "--", *arguments]


# For the binutils, which read a submission's object outside of any box: a name of a few hundred letters may stand for
# one of gigabytes.
BINUTILS = Limits(cpu_seconds=20, file_size=64 << 20, memory=256 << 20)


def with_environment(arguments: list[str], environment: Mapping[str, str]) -> list[str]:
    """The command that runs `arguments` with these, too, where there is no box to give them."""
    return ["env", *(f"{name}={value}" for name, value in environment.items()), *arguments]


@dataclass(frozen=True)
class Box:
    """What a command sees: `readable` and `writable` map paths of the host to paths inside;
    `environment` is all it has beside PATH and LC_ALL."""

    readable: Mapping[Path, str] = field(default_factory=dict)
    writable: Mapping[Path, str] = field(default_factory=dict)
    folder: str = "/tmp"
    environment: Mapping[str, str] = field(default_factory=dict)

    def command(self, arguments: list[str]) -> list[str]:
        """The command that runs `arguments` inside."""
        binds = [word for path, inside in self.readable.items()
                 for word in ("--ro-bind", str(path), inside)]
        binds += [word for path, inside in self.writable.items()
                  for word in ("--bind", str(path), inside)]
        settings = [word for name, value in self.environment.items()
                    for word in ("--setenv", name, value)]
        return [shutil.which("bwrap"), *_INSIDE, *settings, *binds, "--chdir", self.folder, "--", *arguments]


@functools.cache
def degraded() -> str:
    """Why commands can't be boxed here; empty where they can."""
    program = shutil.which("bwrap")
    if not program:
        return "bubblewrap is not installed: submissions are compiled and run unboxed"
    try:
        done = subprocess.run(Box().command(["/usr/bin/true"]), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not work ({error}): submissions are compiled and run unboxed"
    if done.returncode == 0:
        return ""
    reason = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no message"
    return f"bubblewrap does not work here ({reason}): submissions are compiled and run unboxed"
