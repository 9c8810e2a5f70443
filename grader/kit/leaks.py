"""Whether a kit gives away what it must not: the reference's text, in any file or in git's history.

A telling line is one of the solutions' that stands nowhere in the code that students get anyway. One
of them in the kit is a leak, wherever it stands: in a file, a comment, an object's debug information.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from grader.course.labs import ROOT
from grader.errors import GraderError

SHORTEST = 24  # characters of a telling line, without spaces: shorter ones are anybody's


def check(kit: Path) -> None:
    """Raises GraderError, which lists the leaks, if there are any."""
    telling = telling_lines()
    found = [f"{where}: {line}" for where, content in _contents(kit)
             for line in leaked(content, telling)]
    if found:
        raise GraderError("the kit would give the solutions away:\n  " + "\n  ".join(found[:20]))


def telling_lines(root: Path = ROOT) -> set[str]:
    """The solutions' lines, without spaces, that students do not have already."""
    known = {line for path in _code(root) for line in _lines(path.read_text(encoding="utf-8"))}
    return {line for path in (root / "solutions").rglob("*.cpp")
            for line in _lines(path.read_text(encoding="utf-8"))} - known


def leaked(content: bytes, telling: set[str]) -> list[str]:
    """The telling lines in a file, as text or between the bytes of an object."""
    return sorted(set(_lines(content.decode("latin-1"))) & telling)


def _code(root: Path) -> Iterator[Path]:
    """What students are given to read: the kernel and the labs' players."""
    for folder in ("kernel", "labs"):
        for suffix in ("*.h", "*.cpp"):
            yield from (root / folder).rglob(suffix)


def _lines(text: str) -> Iterator[str]:
    for line in re.split(r"[\n\0]", text):
        bare = "".join(line.split()).lstrip("/+-*")  # however it is quoted
        if len(bare) >= SHORTEST:
            yield bare


def _contents(kit: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(kit.rglob("*")):
        if path.is_file() and ".git" not in path.relative_to(kit).parts:
            yield str(path.relative_to(kit)), path.read_bytes()
    if (kit / ".git").exists():
        yield from _history(kit)


def _history(kit: Path) -> Iterator[tuple[str, bytes]]:
    """Every object that the repository holds, reachable or not."""
    done = subprocess.run(["git", "-C", str(kit), "cat-file", "--batch-all-objects", "--batch"], capture_output=True, check=True)
    output, at = done.stdout, 0
    while at < len(output):  # NAME KIND SIZE, a line end, so many bytes, a line end
        begin = output.index(b"\n", at) + 1
        name, kind, size = output[at:begin].split()
        at = begin + int(size) + 1
        if kind != b"tree":
            yield f"git object {name.decode()}", output[begin:at - 1]
