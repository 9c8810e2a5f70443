"""The account of frames: what was taken comes back, and nothing is taken for nothing."""

from __future__ import annotations

from dataclasses import dataclass

from grader.evidence.records import Record
from grader.judging.oracle import Rule, Violation

from .rules import RULE
from .spaces import Spaces


@dataclass
class Count:
    """Where the frames were when they were counted: the numbers that a leak changes."""

    free: int
    kvmalloc: int
    tables: int


class Account:
    """Where the frames are, from one count to the next."""

    def __init__(self, spaces: Spaces) -> None:
        self.spaces = spaces
        self.taken = 0  # by the scenario itself
        self.scarce: int | None = None  # frames left, while the scenario holds the others
        self.total: int | None = None  # of all frames that there are to be had
        self.counted: Count | None = None  # and nothing has been allowed to take frames since
        self.idle: tuple[Rule, str] | None = None  # why not: the rule, and the latest operation

    def may_change(self) -> None:
        """Something was done that takes frames, or gives some back."""
        self.counted = None

    def may_not_change(self, rule: Rule, record: Record) -> None:
        """By this rule the operation can't have taken any frame for good."""
        self.idle = rule, record.text

    def has(self, needed: int) -> bool:
        """Whether there certainly are so many frames."""
        return self.scarce is None or self.scarce > needed

    def judge_count(self, record: Record) -> Violation | None:
        """Compares a count with what is known."""
        now = Count(record.results["free"], record.results["pages"], record.results["tables"])
        total = now.free + now.kvmalloc + now.tables + self.taken
        if self.total is None:
            self.total = total
        return (self._taken_for_nothing(now) or self._given_back(now)
                or self._all_frames(total))

    def _taken_for_nothing(self, now: Count) -> Violation | None:
        before, self.counted = self.counted, now
        idle, self.idle = self.idle, None
        if not before or not idle:
            return None
        rule, operation = idle
        taken, taken_before = now.kvmalloc, before.kvmalloc
        if rule is RULE.unmapping:  # after failures, kernel page tables may have stayed
            taken, taken_before = taken + now.tables, taken_before + before.tables
        if taken <= taken_before:
            return None
        return Violation(rule, f"{taken_before} pages taken for page tables and directories, as "
                         f"before `{operation}`", f"{taken}")

    def _given_back(self, now: Count) -> Violation | None:
        others = [directory for directory in self.spaces.alive if directory.number > 1]
        if (others or self.spaces.made == 1 or not now.kvmalloc
                or self.spaces.first_has_user_part):
            return None
        return Violation(RULE.destroy_gives_back, "no page of kvmalloc's is taken: every directory "
                         "was destroyed", f"{now.kvmalloc} still taken")

    def _all_frames(self, total: int) -> Violation | None:
        if total == self.total:
            return None
        destroyed = len(self.spaces.alive) < len(self.spaces.directories)
        more = total > self.total
        rule = (RULE.destroy_gives_back if destroyed else
                RULE.unmapping if more else RULE.failure_changes_nothing)
        return Violation(rule, f"{self.total} frames in all", f"{total}: some were "
                         + ("freed that were in use" if more else "lost"))
