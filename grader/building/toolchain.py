"""The compiler and the binutils that the kit was built with: what they are, and how one is run."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

from grader.building import sandbox
from grader.errors import GraderError, Infrastructure
from grader.evidence import binutils

# GCC's driver, of the compiler proper: no limit of ours ends one so. What is wrong in a file is told behind its line.
_KILLED = re.compile(rb"^[^\s:]+: fatal error: Killed signal terminated program \w+$", re.MULTILINE)

_MOST_SAID, _END = 1 << 20, 4096  # bytes of messages that are read: the first ones, and the last


class BuildError(Exception):
    """A submission does not compile or link; the text is what the compiler said, made printable."""


@dataclass(frozen=True)
class Toolchain:
    """How the kit was built, as kernel/kernel.mk wrote it down."""

    folder: Path
    compiler: str  # its name and version
    compile: tuple[str, ...]
    link: tuple[str, ...]
    libraries: tuple[str, ...]
    kit: tuple[str, ...]
    reference: tuple[str, ...]
    checks: bool = False  # the student's own checks are called: NAME_check() of NAME.cpp (docs/scenarios.md)

    @classmethod
    def load(cls, folder: Path) -> Toolchain:
        """Reads toolchain.json of a build folder (build/KERNEL_BASE)."""
        try:
            table = json.loads((folder / "toolchain.json").read_text(encoding="utf-8"))
            toolchain = cls(folder, table["compiler"], *(tuple(shlex.split(table[key])) for key in (
                "compile", "link", "libraries", "kit", "reference")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise GraderError(f"{folder}/toolchain.json can't be read ({error}): "
                              "`make kernel` makes it anew") from error
        binutils.are_called(toolchain.tools)
        return toolchain

    def for_debugging(self) -> Toolchain:
        """The same, but what it compiles keeps its variables and calls, for a debugger (-Og)."""
        return replace(self, compile=(*self.compile, "-Og"))

    def with_checks(self) -> Toolchain:
        """The same, with the student's own checks."""
        return replace(self, checks=True)

    @property
    def tools(self) -> str:
        """What the names of the binutils begin with: `i686-linux-gnu-`."""
        return self.link[0].removesuffix("ld")

    @property
    def kernel_base(self) -> int:
        """Where the kernel's addresses begin in what this compiles."""
        define = "-DKERNEL_BASE="
        return next(int(a.removeprefix(define), 0) for a in self.compile if a.startswith(define))


def run(command: list[str], folder: Path, limits: sandbox.Limits | None = None) -> str:
    """Runs a compiler or one of the binutils, and returns its warnings; raises BuildError with what it complained
    of."""
    need(command[0])
    try:
        with tempfile.TemporaryFile() as sink:  # a pipe has no limit: two gigabytes of messages take seconds
            done = subprocess.run(limits.around(command) if limits else command, cwd=folder,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=sink,
                                  timeout=sandbox.BACKSTOP, check=False)
            said = _beginning_and_end(sink)
    except subprocess.TimeoutExpired:
        raise Infrastructure(f"{command[0]} made no end of it in {sandbox.BACKSTOP} s, and used little "
                             "processor time: the machine stands still") from None
    if done.returncode != 0:
        if _KILLED.search(said):
            raise Infrastructure(f"somebody ended {command[0]} while it worked: the machine may be short of memory")
        raise BuildError(clean(said) or f"the compiler ended with status {done.returncode}, "
                         "without a word: it may have needed too much time or memory")
    return clean(said)


def _beginning_and_end(file: BinaryIO) -> bytes:
    """What people get to read of a tool's messages, and what a driver says when its compiler is gone."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    beginning = file.read(_MOST_SAID)
    file.seek(max(_MOST_SAID, size - _END))
    return beginning + file.read()


def need(program: str) -> None:
    if not shutil.which(program):
        raise Infrastructure(f"{program} is not installed. `make setup` installs it.")


def shown(line: str) -> str:
    """A line of text for any terminal or page; a character that can't be seen by its number."""
    return "".join(c if c.isprintable() or c == "\t" else f"<U+{ord(c):04X}>" for c in line)


def clean(output: bytes, limit: int = 40) -> str:
    """A compiler's output for people's eyes: printable, not endless, and a line that comes again and again (the way
    to a file that includes itself) once."""
    text = output[:_MOST_SAID].decode("utf-8", "replace")
    lines = [line for line, _ in groupby(shown(line.rstrip()) for line in text.strip().split("\n"))]
    more = len(lines) - limit
    return "\n".join(lines[:limit] + ([f"… and {more} lines more"] if more > 0 else []))
