"""What a report is of: whose files, by which kit, when, and the command that grades them again.

None of it is in results.json, which is the same on any day; the report is for people.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Origin:
    """`name` is the student's, or the folder's; `facts` are words for a reader, by what they tell."""

    name: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


def of(name: str, extra: Mapping, emulator: str, seed: str, command: Sequence[str]) -> Origin:
    """The origin of a grading that ends now. `extra` is what results.json says of kit and submission;
    `seed` is empty for an official run, whose seed is nobody's to know; `command` are words as they
    are typed."""
    kit = extra.get("kit", {})
    commit = kit.get("commit")
    changed = ", changed since" if kit.get("dirty") else ""
    return Origin(name, {
        "Graded": f"{datetime.now().astimezone():%Y-%m-%d %H:%M %z}",
        "Kit": f"commit {commit[:12]}{changed}" if commit else "of no known commit",
        "Files": ", ".join(extra.get("submission", {}).get("files", {})) or "none",
        "Machine": f"{emulator}, KERNEL_BASE={extra.get('kernel_base', '')}",
        "Seed": seed or "an official run's, which is not told",
        "Again": " ".join(["make grade", *map(quoted, command)]),
    })


def quoted(word: str) -> str:
    """NAME=value for a shell: only the value is quoted."""
    name, _, value = word.partition("=")
    return f"{name}={shlex.quote(value)}"
