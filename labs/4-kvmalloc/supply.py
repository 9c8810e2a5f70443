"""What is left to allocate, of frames or of addresses."""

from __future__ import annotations

from grader.judging.oracle import Rule, Violation
from grader.points import counted


class Supply:
    """How many pages an allocator has free; None while that is not known.

    `whole` is what would be free if nothing was held back (`leave`). While something is: `sure_run`
    consecutive pages are free for certain, and not more than `longest_run`.
    """

    def __init__(self) -> None:
        self.free: int | None = None
        self.whole: int | None = None
        self.held = self.scattered = False
        self.sure_run = self.longest_run = 0

    def take(self, count: int) -> None:
        """So many were allocated; a negative number was freed."""
        if self.whole is not None:
            self.whole -= count
        if self.free is not None:
            self.free -= count
        if self.held:
            self.sure_run, self.longest_run = min(1, self.free), self.free

    def counted(self, free: int) -> None:
        """All that is free was counted, with nothing held back."""
        self.free = self.whole = free

    def judged(self, free: int, rule: Rule, what: str) -> Violation | None:
        """The same; the rule is broken if it is not as many as there have to be."""
        expected = self.free
        self.counted(free)
        if expected is None or free == expected:
            return None
        off = "few" if free < expected else "many"
        return Violation(rule, f"{counted(expected, what)} free", f"{free}: {abs(free - expected)} too {off}")

    def leave(self, count: int, step: int) -> None:
        """All are held back but `count`, which are `step` apart."""
        self.free, self.held, self.scattered = count, True, step > 1 and count > 1
        longest = min(1, count) if self.scattered else count
        self.longest_run, self.sure_run = longest, _power_of_two(longest)

    def unleave(self) -> None:
        """Nothing is held back any more."""
        self.free, self.held, self.scattered = self.whole, False, False


def _power_of_two(number: int) -> int:
    """The largest power of two that is at most `number`; 0 for 0."""
    return 1 << number.bit_length() - 1 if number else 0
