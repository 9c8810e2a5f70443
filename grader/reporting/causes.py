"""One cause, told once: tests that end alike, by verdict, rule and place, whatever is read of a grading.

What is known of a test is its message. Its first line is the rule, and for a crash the function; a line's number in it
is not of the cause, for a loop may be caught anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar

from grader.judging.verdict import Verdict

T = TypeVar("T")
Cause = tuple[Verdict, str]
_LINE = re.compile(r"(\.(?:cpp|h))(?::\d+)+")
_FILE = re.compile(r"^[\w./-]+\.(?:cpp|h):\s*| at [\w./-]+\.(?:cpp|h)")


def cause(verdict: Verdict, message: str) -> Cause:
    """What tests have in common that one mistake is behind."""
    return verdict, _LINE.sub(r"\1", message.partition("\n")[0])


def anybodys(headline: str) -> str:
    """A headline without what is one submission's own, its file and line: the function is enough."""
    return _FILE.sub("", _LINE.sub(r"\1", headline))


def grouped(tests: Iterable[T], of: Callable[[T], Cause]) -> list[list[T]]:
    """Tests by their causes, in the order in which these come first; `of` says which a test has."""
    groups: dict[Cause, list[T]] = {}
    for test in tests:
        groups.setdefault(of(test), []).append(test)
    return list(groups.values())


class First(NamedTuple):
    """The test that a cause was told of, and how."""

    test: str
    message: str

    def seen_from(self, message: str) -> str:
        """What a message comes to whose cause is this one's: one line. One that is a line anyway stays."""
        headline, _, rest = message.partition("\n")
        return f"{headline}: see {self.test}" if rest else message


class Told:
    """What a reader was told so far, test by test."""

    def __init__(self) -> None:
        self._first: dict[Cause, First] = {}

    def before(self, test: str, verdict: Verdict, message: str) -> First | None:
        """Of whom this test's cause was told before; None if it is told now."""
        first = self._first.setdefault(cause(verdict, message), First(test, message))
        return None if first.test == test else first

    def words(self, test: str, verdict: Verdict, message: str) -> str:
        """The message; where its cause was told before, one line that says where."""
        first = self.before(test, verdict, message)
        return first.seen_from(message) if first else message
