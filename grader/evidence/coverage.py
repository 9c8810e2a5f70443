"""Which lines of a student's file ran: what the machine reached, against the image's line table."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from grader import limits
from grader.errors import Infrastructure
from grader.evidence import binutils

_UNIT = re.compile(r"CU: (.+):")
_OTHER_FILE = re.compile(r"(\S.*):")
_ROW = re.compile(r"\S+ +(\d+) +0x([0-9a-f]+)\b.*")


@dataclass(frozen=True)
class Code:
    """What a student's file became: the addresses at which anything of it begins, also what it includes; and of
    each of its own lines those where a piece of it begins."""

    addresses: frozenset[int]
    lines: dict[int, frozenset[int]]

    def unreached(self, reached: Set[int]) -> list[tuple[int, int]]:
        """Ranges of lines (first and last) with code of which nothing was reached. Lines between two of them
        that have no code are no reason to tell them apart."""
        ranges: list[tuple[int, int]] = []
        goes_on = False
        for line in sorted(self.lines):
            if not self.lines[line].isdisjoint(reached):
                goes_on = False
                continue
            if goes_on:
                ranges[-1] = ranges[-1][0], line
            else:
                ranges.append((line, line))
            goes_on = True
        return ranges


@lru_cache(maxsize=16)
def code_of(image: Path, file: str) -> Code:
    """What became of kernel/mm/FILE in an image. Its name stands for its content. Raises Infrastructure."""
    addresses: set[int] = set()
    lines: dict[int, set[int]] = {}
    source = f"kernel/mm/{file}"
    ours = own = False
    for row in _table(image):
        if unit := _UNIT.fullmatch(row):
            ours = own = unit[1].endswith(source)
        elif ours and (other := _OTHER_FILE.fullmatch(row)):
            own = other[1].removesuffix("[++]").endswith(source)
        elif ours and (found := _ROW.fullmatch(row)):
            line, address = int(found[1]), int(found[2], 16)
            addresses.add(address)
            if own and line:
                lines.setdefault(line, set()).add(address)
    return Code(frozenset(addresses), {line: frozenset(places) for line, places in lines.items()})


def _table(image: Path) -> list[str]:
    readelf = binutils.program("readelf")
    try:
        return limits.listed([readelf, "-W", "-wL", str(image)]).decode("utf-8", "replace").splitlines()
    except (OSError, subprocess.SubprocessError) as error:
        raise Infrastructure(f"{readelf} can't read {image.name}: {error}") from error
