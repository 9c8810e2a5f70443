"""What is no longer as the kit had it: a header that was edited, or one of a student's own, makes a grading here that
nobody else makes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from grader.course import labs

MANIFEST = ".kit"  # what a kit was cut as, in the format of sha256sum
_FOLDERS = ("kernel/", "labs/", "grader/")  # of what a grading depends on; the first are told first
_SOURCES = (".h", ".hh", ".hpp", ".hxx", ".inc", ".c", ".cc", ".cpp", ".cxx", ".S")
_SHOWN = 3


def remark(kit: Path = labs.ROOT) -> str:
    """A sentence on files that were changed or are gone, but for those that students write, and one on sources that
    were added; "" if there are none, or it is no kit."""
    try:
        known = as_cut(kit)
    except (OSError, ValueError):
        return ""
    return " ".join(filter(None, [_of_changed(changed(kit, known)), _of_added(added(kit, known))]))


def _of_changed(found: list[str]) -> str:
    return (f"Not as the kit has it: {_named(found)}. What counts is graded with the course's own files: "
            f"`git checkout -- {found[0]}` brings {'it' if len(found) == 1 else 'one'} back, unless the change is "
            "committed.") if found else ""


def _of_added(found: list[str]) -> str:
    return (f"Not the kit's, and not handed in: {_named(found)}. What counts is graded without: whatever a lab's file takes "
            "from there belongs into the file itself.") if found else ""


def _named(found: list[str]) -> str:
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"{', '.join(found[:_SHOWN])}{more}"


def as_cut(kit: Path) -> dict[str, str]:
    """The digests of a kit's files, by their paths. Raises OSError or ValueError where that can't be read."""
    lines = (kit / MANIFEST).read_text("utf-8").splitlines()
    return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}


def changed(kit: Path, known: dict[str, str]) -> list[str]:
    """The paths of what is not as it was cut."""
    own = {f"kernel/mm/{name}" for lab in labs.all_labs(kit) for name in lab.files}
    found = [path for path, digest in known.items()
             if path.startswith(_FOLDERS) and path not in own and digest not in _digests(kit / path)]
    return sorted(found, key=lambda path: next(i for i, folder in enumerate(_FOLDERS) if path.startswith(folder)))


def added(kit: Path, known: dict[str, str]) -> list[str]:
    """The paths of sources, beside the kernel's, that were not cut."""
    there = (path.relative_to(kit).as_posix() for path in (kit / "kernel").rglob("*")
             if path.suffix in _SOURCES and path.is_file())
    return sorted(path for path in there if path not in known)


def _digests(path: Path) -> list[str]:
    """Of a file, and of what it is without another system's line ends."""
    try:
        there = path.read_bytes()
    except OSError:
        return []
    return [hashlib.sha256(text).hexdigest() for text in (there, there.replace(b"\r\n", b"\n"))]
