"""`make kit UPDATE=folder`: brings a kit that is out up to date, without touching what is the students'.

A file that differs from what the kit was cut with is the student's. It stays; where the new kit has it
changed, the new one is laid beside it as NAME.new.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from grader.building.toolchain import Toolchain
from grader.course import course
from grader.kit import cut, manifest


@dataclass
class Changes:
    """What an update did, by the paths of the files."""

    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)  # the student's stayed; the new one is NAME.new

    def __bool__(self) -> bool:
        return bool(self.written or self.removed or self.beside)


def update(target: Path, toolchain: Toolchain, rules: course.Course,
           moment: datetime) -> tuple[cut.Kit, Changes]:
    """Updates a kit's folder, and commits what it changed if that is a repository.

    Raises GraderError; what it had already written then is whole, and a second try goes on.
    """
    before = manifest.read(target)
    with tempfile.TemporaryDirectory(prefix="marionette-") as work:
        new = cut.lay_out(Path(work) / "kit", toolchain, rules, moment)
        after = manifest.read(new.folder)
        changes = _apply(new.folder, target, before, after)
        if changes or before != after:
            _copy(new.folder / manifest.NAME, target / manifest.NAME)
    if changes and (target / ".git").exists():
        cut.record(target, f"kit: update to {new.commit[:12]}", manifest.NAME, *changes.written,
                   *changes.removed)
    return new, changes


def _apply(new: Path, target: Path, before: dict[str, str], after: dict[str, str]) -> Changes:
    changes = Changes()
    for path in sorted(before.keys() | after.keys()):
        here = target / path
        seen = manifest.digest(here) if here.is_file() else None
        old, wanted = before.get(path), after.get(path)
        if seen == wanted:
            continue
        if seen not in (None, old):  # the student's
            if wanted not in (None, old):
                _copy(new / path, here.with_name(here.name + ".new"))
                changes.beside.append(path)
        elif wanted:
            _copy(new / path, here)
            changes.written.append(path)
        else:
            here.unlink()
            changes.removed.append(path)
    return changes


def _copy(source: Path, target: Path) -> None:
    """Whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}-new")
    shutil.copy2(source, temporary)
    temporary.replace(target)
