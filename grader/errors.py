"""What the grader itself can fail of."""

from __future__ import annotations


class GraderError(Exception):
    """The grading could not be done; the text says what happened, where, and what to do."""


class BadScenario(GraderError):
    """A scenario has a line that can't be played."""

    def __init__(self, where: str, line: int, problem: str) -> None:
        super().__init__(f"{where}:{line}: {problem}")


class Infrastructure(GraderError):
    """A tool is missing or broke, or the machine did: nothing that a submission is to blame for."""
