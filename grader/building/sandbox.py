"""Boxes for what a submission has a hand in: the compiler that reads it, the emulator that runs it.

bubblewrap: no network, no other processes, nothing of the file system but what is named. Where it does
not work (no user namespaces), commands run unboxed and `degraded` says so: never silently.
"""

from __future__ import annotations

import errno
import functools
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.course.labs import ROOT
from grader.limits import BACKSTOP as BACKSTOP, BINUTILS as BINUTILS, Limits as Limits

_ALONE = ["--unshare-all", "--unshare-user", "--uid", "65534", "--gid", "65534", "--cap-drop", "ALL",
          "--die-with-parent", "--new-session"]
_INSIDE = ["--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--symlink", "usr/bin", "/bin",
           "--dev", "/dev", "--tmpfs", "/tmp"]
_SECCOMP = {"x86_64": 317, "aarch64": 277, "riscv64": 277, "loongarch64": 277, "ppc64le": 358, "s390x": 348}  # its number
_SET_MODE_FILTER, _FILTER_FLAG_TSYNC = 1, 1
_ENVIRONMENT = {"PATH": "/usr/bin", "LC_ALL": "C.UTF-8"}
_USR = Path("/usr")
_NO_COMPILERS = ("games", "local", "sbin", "share", "src")  # folders of /usr that none has anything in


def with_environment(arguments: list[str], environment: Mapping[str, str]) -> list[str]:
    """The command that runs `arguments` with these alone, too, where there is no box to give them."""
    here = {"PATH": os.defpath, **{name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}}
    return ["/usr/bin/env", "-i", *_assigned({**here, "LC_ALL": "C.UTF-8", **environment}), *arguments]


def _assigned(environment: Mapping[str, str]) -> list[str]:
    return [f"{name}={value}" for name, value in environment.items()]


@functools.cache
def of_compilers(program: str) -> tuple[Path, ...]:
    """The folders of /usr that a compiler needs: its own files, and the headers. What else lies below /usr is not
    for whoever makes it read a file."""
    found = Path(shutil.which(program) or program).resolve()
    return tuple(folder for folder in sorted(_USR.iterdir()) if folder.is_dir() and not folder.is_symlink()
                 and (folder.name not in _NO_COMPILERS or found.is_relative_to(folder)))


@functools.cache
def of_program(program: str) -> tuple[Path, ...]:
    """The files that a program needs to run: itself, where it really lies, and its libraries."""
    path = str(Path(shutil.which(program) or program).resolve())
    done = subprocess.run(["ldd", path], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    libraries = re.findall(r"(?:=> |^\t)(/\S+) \(0x", done.stdout, re.MULTILINE)
    return tuple(Path(re.sub(r"^/(lib|bin)", r"/usr/\1", name)) for name in (path, *libraries))


@dataclass(frozen=True)
class Box:
    """What a command sees: `readable` and `writable` map paths of the host to paths inside; `system` are those of
    /usr, and of `processes` it sees its own; `environment` is all it has beside PATH and LC_ALL."""

    readable: Mapping[Path, str] = field(default_factory=dict)
    writable: Mapping[Path, str] = field(default_factory=dict)
    folder: str = "/tmp"
    environment: Mapping[str, str] = field(default_factory=dict)
    system: Sequence[Path] = (_USR,)
    processes: bool = True

    def command(self, arguments: list[str]) -> list[str]:
        """The command that runs `arguments` inside.

        It starts without an environment: bubblewrap itself is a process that can be seen inside.
        """
        binds = [word for path in self.system for word in ("--ro-bind", str(path), str(path))]
        binds += [word for path in self.system if ROOT.is_relative_to(path) for word in ("--tmpfs", str(ROOT))]
        binds += [*_INSIDE, *(["--proc", "/proc"] if self.processes else [])]
        binds += [word for path, inside in self.readable.items()
                  for word in ("--ro-bind", str(path), inside)]
        binds += [word for path, inside in self.writable.items()
                  for word in ("--bind", str(path), inside)]
        return ["/usr/bin/env", "-i", *_assigned(_ENVIRONMENT | self.environment), shutil.which("bwrap"),
                *_ALONE, *binds, "--chdir", self.folder, "--", *arguments]


@functools.cache
def degraded() -> str:
    """Why commands can't be boxed here; empty where they can."""
    program = shutil.which("bwrap")
    if not program:
        return "bubblewrap is not installed: submissions are compiled and run unboxed"
    try:
        done = subprocess.run(Box().command(["/usr/bin/true"]), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=BACKSTOP, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not work ({error}): submissions are compiled and run unboxed"
    if done.returncode == 0:
        return ""
    reason = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no message"
    return f"bubblewrap does not work here ({reason}): submissions are compiled and run unboxed"


@functools.cache
def unfiltered() -> str:
    """Why a program's system calls can't be filtered here; empty where they can. QEMU asks so, too (seccomp(2), with no
    filter), and knows no -sandbox where they can't."""
    import ctypes  # slow to import
    number = _SECCOMP.get(platform.machine())
    if number is None:
        return ""
    system = ctypes.CDLL(None, use_errno=True)
    system.syscall(number, _SET_MODE_FILTER, _FILTER_FLAG_TSYNC, None)
    if ctypes.get_errno() == errno.EFAULT:
        return ""
    return (f"the kernel of this machine filters no system calls (seccomp: {os.strerror(ctypes.get_errno())}): "
            "QEMU runs without its -sandbox")
