"""A script cut into what is dealt of it at a time (grader/emulators/dealer.py)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_TITLE = ("lab", "test", "scenario", "limit", "measure")  # what the lines before a scenario's first operation begin with
AT_ONCE = 8  # operations of a quiet stretch, which write nothing down one by one


@dataclass(frozen=True)
class Portion:
    """Lines that are dealt at a time; none at the script's end.

    `is_title` is what stands before a scenario's operations, `has_record` an operation that will have one of
    its own, `is_look` one that stops the machine to be looked at. When it is asked for, `follows` has been played:
    of the script's scenario so many operations.
    """

    text: str
    is_title: bool = False
    has_record: bool = False
    is_look: bool = False
    follows: tuple[int, int] = (-1, 0)

    @property
    def ends_at(self) -> tuple[int, int]:
        """The same when it has been played, too."""
        scenario, operations = self.follows
        return (scenario + 1, 0) if self.is_title else (scenario, operations + self.text.count("\n"))


def cut(script: str) -> tuple[str, list[Portion]]:
    """What of a script is there from the beginning, its header, and the portions of the rest, the last one empty."""
    lines = script.splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith(("test ", "scenario ")))
    return "\n".join([*lines[:first], "dealt", ""]), list(_portions(lines[first:]))


def _portions(lines: list[str]) -> Iterator[Portion]:
    at, follows, quiet = 0, (-1, 0), False
    while at < len(lines):
        title = _is_title(lines[at])
        quiet = quiet and not title and lines[at] != "loud"
        end = at + 1
        while end < len(lines) and _goes_with(title, quiet, lines[end]) and (title or end < at + AT_ONCE):
            end += 1
        portion = Portion("\n".join([*lines[at:end], ""]), title, not (title or quiet), lines[at] == "inspect", follows)
        yield portion
        follows = portion.ends_at
        quiet = quiet or lines[at] == "quiet"
        at = end
    yield Portion("", follows=follows)


def _goes_with(title: bool, quiet: bool, line: str) -> bool:
    """Whether a line is dealt with one before it: that is a title's, or in a quiet stretch."""
    return _is_title(line) if title else quiet and line != "loud" and not _is_title(line)


def _is_title(line: str) -> bool:
    return line.split(" ", 1)[0] in _TITLE
