"""The verdicts a test can end with."""

from __future__ import annotations

from enum import Enum


class Verdict(str, Enum):
    """In results.json by these names; only `pass` earns points."""

    PASS = "pass"
    FAIL = "fail"  # a sentence of the contract was broken
    TODO = "todo"  # todo() was reached: not written yet
    CRASH = "crash"  # an exception, a triple fault, a panic without cause, a log that ends early
    HANG = "hang"  # an operation did not come back
    REJECTED = "rejected"  # the gate did not let the submission in
    BUILD = "build"  # it does not compile or link
    INFRA = "infra"  # a tool is missing or broke: never a zero
    NOT_RUN = "not-run"

    @property
    def has_score(self) -> bool:
        """False where the submission is not to blame: the score is then null, not 0."""
        return self is not Verdict.INFRA
