"""The labs' files of one submission, as they were taken: bytes, or what stood in a file's place."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from grader.building import gate
from grader.cohort.intake import identity

_SHOWN = 200  # letters of a path, the last ones


class Odd(Enum):
    """What bears a lab file's name and is no file that the gate would read."""

    LINK = "a link"
    SPECIAL = "no plain file"
    LARGE = "too large"


Files = Mapping[str, bytes | Odd]


@dataclass(frozen=True)
class Taken:
    """What was taken of a submission; `left` is what looks like a lab's file and was not, as people are told."""

    files: Files = field(default_factory=dict)
    left: tuple[str, ...] = ()

    @property
    def remark(self) -> str:
        """What somebody should look at; mostly nothing."""
        parts = [f"{name} is {content.value}" for name, content in self.files.items() if isinstance(content, Odd)]
        parts += [f"not taken: {identity.listed([_shown(path) for path in self.left])}"] if self.left else []
        return "; ".join(parts)


def _shown(path: str) -> str:
    """A path in a remark: an archive's, or a commit's, may have a million letters."""
    shown = identity.printable(path[-_SHOWN:])
    return shown if len(path) <= _SHOWN else f"…{shown}"


def lay_out(files: Files, folder: Path) -> None:
    """Writes files into a folder; for what is odd something as odd, so that the gate has its say."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in sorted(files.items()):
        path = folder / name
        if content is Odd.LINK:
            path.symlink_to("nowhere")
        elif content is Odd.SPECIAL:
            os.mkfifo(path)
        elif content is Odd.LARGE:
            path.touch()
            os.truncate(path, gate.MAX_SOURCE + 1)
        else:
            path.write_bytes(content)


def digest(files: Files, refusal: str, remark: str = "") -> str:
    """SHA-256 of what was taken, and of what is said of it."""
    whole = hashlib.sha256(refusal.encode() + (f"\0\0{remark}".encode() if remark else b""))
    for name, content in sorted(files.items()):
        part = content.value.encode() if isinstance(content, Odd) else b"file:" + content
        whole.update(f"\0{name}\0{len(part)}\0".encode() + part)
    return whole.hexdigest()
