"""What the grader itself can fail of, and how it is said."""

from __future__ import annotations

# Exit statuses of the commands, beside 0.
EXIT_BROKEN = 2  # the grading did not work
EXIT_BELOW = 3  # it worked, and REQUIRE was not reached
EXIT_INTERRUPTED = 130


def printable(text: str, most: int | None = None) -> str:
    """A text that somebody else chose, on one line of any terminal or page: what can't be shown is a question
    mark, and `most` characters are enough, if that is given."""
    return "".join(c if c.isprintable() else "?" for c in text[:most])


class GraderError(Exception):
    """The grading could not be done; the text says what happened, where, and what to do."""


class BadScenario(GraderError):
    """A scenario has a line that can't be played."""

    def __init__(self, where: str, line: int, problem: str) -> None:
        super().__init__(f"{where}:{line}: {problem}")


class Infrastructure(GraderError):
    """A tool is missing or broke, or the machine did: nothing that a submission is to blame for."""


class Unplayable(Infrastructure):
    """The player refused an operation, or the contract does: the scenario is wrong. `line` is the operation's."""

    def __init__(self, operation: str, line: int, why: str) -> None:
        super().__init__(f"`{operation}` can't be played: {why}")
        self.line = line
        self.why = why
