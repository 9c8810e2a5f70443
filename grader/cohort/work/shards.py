"""A class in parts: each graded by itself, on whatever machine, and then summed up as one.

    OUT/shards/2/students/STUDENT/    as the third part left it; moved to OUT/students/ by a run over the whole
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from grader.cohort.work.store import Store, opened
from grader.errors import GraderError

_NAME = "shards"


@dataclass(frozen=True)
class Part:
    """The part with an index from 0 on, of so many."""

    index: int
    of: int


def parse(text: str) -> Part:
    """SHARD='2/8'. Raises GraderError."""
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if not match or not int(match[1]) < int(match[2]):
        raise GraderError(f"SHARD={text}: a part and how many there are was expected, 0/8 to 7/8")
    return Part(int(match[1]), int(match[2]))


def folder(out: Path, part: Part) -> Path:
    """Where a part's results go."""
    return out / _NAME / str(part.index)


def whole(store: Store) -> Store:
    """The store that a part's results will be in: what messages name."""
    return Store(store.out.parent.parent) if store.out.parent.name == _NAME else store


def adopt(store: Store) -> None:
    """Moves what parts have graded into the whole's folder. Raises GraderError if one is still at work."""
    for out in sorted((store.out / _NAME).glob("*")):
        with opened(out) as part:
            for student in part.kept():
                store.replace(student, part.folder(student))
