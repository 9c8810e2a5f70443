"""What is no longer as the kit had it: a header that was edited makes a grading here that nobody else makes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from grader.course import labs

MANIFEST = ".kit"  # what a kit was cut as, in the format of sha256sum
_FOLDERS = ("kernel/", "labs/", "grader/")  # of what a grading depends on; the first are told first
_SHOWN = 3


def remark(kit: Path = labs.ROOT) -> str:
    """A sentence on files that were changed or are gone, but for those that students write; "" if there are none, or
    it is no kit."""
    found = files(kit)
    if not found:
        return ""
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return (f"Not as the kit has it: {', '.join(found[:_SHOWN])}{more}. What counts is graded with the course's own files: "
            f"`git checkout -- {found[0]}` brings {'it' if len(found) == 1 else 'one'} back, unless the change is "
            "committed")


def files(kit: Path = labs.ROOT) -> list[str]:
    """The paths of those files."""
    try:
        lines = (kit / MANIFEST).read_text("utf-8").splitlines()
    except OSError:
        return []
    own = {f"kernel/mm/{name}" for lab in labs.all_labs(kit) for name in lab.files}
    found = [path for digest, _, path in (line.partition("  ") for line in lines)
             if path.startswith(_FOLDERS) and path not in own and digest not in _digests(kit / path)]
    return sorted(found, key=lambda path: next(i for i, folder in enumerate(_FOLDERS) if path.startswith(folder)))


def _digests(path: Path) -> list[str]:
    """Of a file, and of what it is without another system's line ends."""
    try:
        there = path.read_bytes()
    except OSError:
        return []
    return [hashlib.sha256(text).hexdigest() for text in (there, there.replace(b"\r\n", b"\n"))]
