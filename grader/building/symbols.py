"""Addresses in words: function, file and line, from an image's debug information."""

from __future__ import annotations

import bisect
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from grader import limits
from grader.building import inlined
from grader.errors import Infrastructure, printable
from grader.evidence import binutils

# Where a backtrace stops being the student's: the player that called them.
_KIT = re.compile(r"^(kernel|labs|solutions)/")
_PLAYER = re.compile(r"^(kernel/player/|kernel/arch/exception_entries|labs/)")


@dataclass(frozen=True)
class Place:
    """Where an address lies: `function` at `file`:`line` (0 if it is not known)."""

    function: str
    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.function} at {self.file}:{self.line}" if self.line else self.function

    @property
    def in_player(self) -> bool:
        """Whether it is the player's code, not that under test."""
        return bool(_PLAYER.match(self.file))

    @property
    def in_reference(self) -> bool:
        """Whether it is the reference's code for another lab."""
        return self.file.startswith("solutions/")

    @property
    def is_lent(self) -> bool:
        """Whether it is one of the kit's functions that students call, as memset."""
        return self.file.startswith("kernel/lib/")

    @property
    def in_library(self) -> bool:
        """Whether it is from a header of the C++ library's, as std::min."""
        return bool(self.file) and not _KIT.match(self.file)


def table(image: Path) -> dict[str, int]:
    """The addresses of an image's symbols, by the names that the linker knows."""
    return _table(image)


def global_table(image: Path) -> dict[str, int]:
    """The same of those that are global: the kit's own. A submission's are local, whatever their names."""
    return _table(image, "--extern-only")


@lru_cache(maxsize=32)
def _table(image: Path, *options: str) -> dict[str, int]:
    lines = (line.split() for line in _named([binutils.program("nm"), *options, str(image)]))
    return {words[2]: int(words[0], 16) for words in lines if len(words) == 3}


def readable(image: Path) -> dict[str, int]:
    """The addresses of an image's functions and variables by the names in its sources, without
    parameters. Of those that share a name, the first."""
    found: dict[str, int] = {}
    for line in _named([binutils.program("nm"), "-C", str(image)]):
        address, kind, name = line.split(" ", 2)
        if kind in "tTdDbBrRW":
            plain, template, _ = _without_parameters(name).partition("<")
            within = "::lambda" if "{lambda" in name and not template else ""
            if not plain.startswith("operator"):  # a template's name begins with what it returns
                found.setdefault(plain.split()[-1] + within, int(address, 16))
    return found


def _named(command: list[str]) -> list[str]:
    try:
        return limits.listed(command).decode("utf-8", "replace").splitlines()
    except (OSError, subprocess.SubprocessError) as error:
        raise Infrastructure(f"{command[0]} can't read {Path(command[-1]).name}: {error}") from error


@lru_cache(maxsize=256)
def places(image: Path, addresses: tuple[int, ...]) -> list[Place]:
    """The places of addresses in an image; inlined functions come innermost first, as their own."""
    if not addresses:
        return []
    command = [binutils.program("addr2line"), "-e", str(image), "-f", "-C", "-i", "-a",
               *(f"{address:#x}" for address in addresses)]
    try:
        listed = limits.listed(command).decode("utf-8", "replace")
    except (OSError, subprocess.SubprocessError):
        return [Place(f"{address:#010x}", "", 0) for address in addresses]
    return [place for answer in re.split(r"^(?=0x)", listed, flags=re.MULTILINE) if answer
            for place in _named_within(image, list(read(answer.split("\n"))), int(answer.split()[0], 16))]


def _named_within(image: Path, chain: list[Place], address: int) -> list[Place]:
    """The places of one address; the first may have the name of the last, though it was inlined there."""
    if len(chain) > 1 and chain[0].function == chain[-1].function:
        name = inlined.innermost(image, address)
        chain[0] = replace(chain[0], function=printable(name, 200) or chain[0].function)
    return chain


def read(lines: list[str]) -> Iterator[Place]:
    """The places in addr2line's answer: for each address itself, then pairs of function and file:line."""
    i = 0
    while i + 1 < len(lines):
        if lines[i].startswith("0x"):
            address = lines[i]
            i += 1
            continue
        function, where = lines[i], lines[i + 1]
        i += 2
        path, _, rest = where.partition(":")
        number = re.match(r"\d+", rest)
        if function == "??":
            yield Place(address, "", 0)
        else:
            # #line names a file as it likes.
            yield Place(printable(_without_parameters(function), 200), printable(_shorten(path), 200),
                        int(number[0]) if number else 0)


def _without_parameters(function: str) -> str:
    return function.replace("(anonymous namespace)::", "").split("(")[0]


def _shorten(path: str) -> str:
    """From the top of the kit, whatever it lies in (`labs`, say); system headers by their last parts."""
    match = re.match(r"(?:.*/)?((?:kernel|labs|solutions)/.*)$", path)
    return match[1] if match else "/".join(path.split("/")[-2:])


def backtrace(image: Path, eip: int, trace: Sequence[int], stack: Sequence[int] = (),
              called: bool = False) -> list[Place]:
    """The call chain, innermost first, down to where the player called the student's function; without what the C++
    library's headers do on the way.

    Return addresses lie behind the call, maybe on the next line or in the next function: one is taken off each,
    off `eip` too if it is one (`called`). Where a function has not set up its frame, or none at all, the
    chain of frames lacks its caller: that return address is among the words on top of the `stack`.
    """
    word = None if called else _return_word(image, eip)
    callers = [*([stack[word]] if word is not None and word < len(stack) else []),
               *(a for a in trace if a not in (eip, 0))]
    chain = []
    for place in _with_a_line(image, (eip - called, *(a - 1 for a in callers))):
        if place.in_player:
            break
        if place.function not in ("panic", "todo"):
            chain.append(place)
    return [place for place in chain if not place.in_library] or chain


def _with_a_line(image: Path, addresses: tuple[int, ...]) -> list[Place]:
    """The places. An instruction that the compiler adds of its own, as it does where a function should have returned a
    value, may have no line (GCC 14): then the first is where its function begins."""
    found = list(places(image, addresses))
    if found and not found[0].line:
        begins = _beginning(image, addresses[0])
        found[:1] = [place for place in begins if place.function == found[0].function][-1:] or found[:1]
    return found


def _beginning(image: Path, address: int) -> list[Place]:
    """Where the function begins that an address lies in; the compiler may have split off unlikely code (`.cold`)."""
    known = table(image)
    name = max((name for name, start in known.items() if start <= address), key=lambda name: known[name], default="")
    start = known.get(name.removesuffix(".cold"))
    return places(image, (start,)) if start is not None else []


def _return_word(image: Path, eip: int) -> int | None:
    """Which word of the stack holds the return address there, from 0; None if the chain of frames has it."""
    starts, words = _unwinding(image)
    i = bisect.bisect_right(starts, eip) - 1
    return words[i] if i >= 0 else None


_FUNCTION = re.compile(r"^[0-9a-f]+ [0-9a-f]+ [0-9a-f]+ FDE .*pc=([0-9a-f]+)\.\.([0-9a-f]+)")
_ROW = re.compile(r"^([0-9a-f]{8}) (esp|ebp)\+(\d+) ")


@lru_cache(maxsize=32)
def _unwinding(image: Path) -> tuple[list[int], list[int | None]]:
    """The image's call frame information: from which address on which word of the stack is the return address."""
    rows: dict[int, int | None] = {}
    for line in _named([binutils.program("readelf"), "--debug-dump=frames-interp", str(image)]):
        if function := _FUNCTION.match(line):
            rows[int(function[1], 16)] = 0  # what a call leaves, unless a row says otherwise
            rows.setdefault(int(function[2], 16), None)
        elif row := _ROW.match(line):
            rows[int(row[1], 16)] = int(row[3]) // 4 - 1 if row[2] == "esp" else None
    starts = sorted(rows)
    return starts, [rows[start] for start in starts]
