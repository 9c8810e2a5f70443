"""How many instructions a machine may execute without a word: as many as the operations may take of which it would have to
tell next, and then some. Who is past that has put the kernel's watchdog out of action. However slow the host is,
instructions are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from grader.course import labs
from grader.scenarios.dealing import AT_ONCE
from grader.scenarios.scenario import Scenario, is_number, number, parse

_USUAL = 3_500_000  # that an operation may take (kernel/player/player.h)
_A_BYTE, _MOST_MEMORY = 8, 32 << 20  # and how many more for the memory that it concerns
_TWICE = 2  # a student's own check takes as long again; and the watchdog looks at the clock every 4 million
_BESIDE = 50_000_000  # for the player: no restart, and none of its own work on an operation, takes a tenth of it
_PATIENCE = re.compile(r"^patience (\d+)$", re.MULTILINE)
_BEGUN, _DONE = re.compile(rb"^> (\d{1,9}) ", re.MULTILINE), re.compile(rb"^@(\d{1,9}) ", re.MULTILINE)


class Silence:
    """What is heard of a machine that plays a script. Where that is `dealt`, it asks more often than it tells."""

    def __init__(self, script: str, dealt: bool) -> None:
        self._script = script
        self._dealt = dealt
        self._heard: tuple[int, int] = (0, 0)
        self._since = 0

    def is_too_long(self, log: bytes, questions: int, executed: int) -> bool:
        """Whether nothing is to be expected any more of a machine that has said and asked so much, and executed so many
        instructions."""
        if (heard := (len(log), questions)) != self._heard:
            self._heard, self._since = heard, executed
        silent = executed - self._since
        return silent > _BESIDE and silent > self.allowed(log)

    @cached_property
    def _scenarios(self) -> list[Scenario]:
        """Most machines are never silent for so long that they have to be known."""
        return parse(self._script, "the script")

    @cached_property
    def _patience(self) -> int:
        found = _PATIENCE.search(self._script)
        return int(found[1]) if found else 1

    def allowed(self, log: bytes) -> int:
        """How many instructions, behind what a log has: before its first scenario, and in one that there is not, as
        many as anywhere."""
        begun = _last(_BEGUN, log)
        if begun is None or int(begun[1]) >= len(self._scenarios):
            return max((self._at(each, done) for each in self._scenarios for done in range(len(each.operations))),
                       default=_BESIDE)
        done = _last(_DONE, log, begun.end())
        return self._at(self._scenarios[int(begun[1])], int(done[1]) if done else 0)

    def _at(self, played: Scenario, done: int) -> int:
        """How many, when so many operations of a scenario were done."""
        longer = _time_for_memory(played)
        to_come = [self._limit(played, verb) + longer for verb in _to_come(played, done)]
        most = sum(to_come) if not self._dealt else max(to_come, default=0) * min(len(to_come), AT_ONCE)
        return _TWICE * most + _BESIDE

    def _limit(self, played: Scenario, verb: str) -> int:
        """What an operation may take, as the kernel has it (docs/scenarios.md): patience is not for what may take longer
        than the others."""
        if played.limit is not None and not played.limited:
            return played.limit * self._patience
        usual = _USUAL * self._patience
        return max(played.limit, usual) if played.limit is not None and verb in played.limited else usual


def _time_for_memory(played: Scenario) -> int:
    """How much longer an operation of it may take, as there is time for each byte: of two blocks at most."""
    unit = next((lab.memory_unit for lab in labs.all_labs() if lab.slug == played.lab), 0)
    numbers = (number(word) for operation in played.operations for word in operation.arguments if is_number(word))
    return _A_BYTE * min(2 * unit * max(numbers, default=0), _MOST_MEMORY)


def _to_come(played: Scenario, done: int) -> Iterator[str]:
    """The operations that leave a record next, when so many were done: one, or a quiet stretch."""
    verbs = [operation.verb for operation in played.operations]
    before = verbs[:done]
    quiet = "quiet" in before and "loud" not in before[len(before) - before[::-1].index("quiet"):]
    for verb in verbs[done:]:
        yield verb
        if not quiet or verb == "loud":
            return


def _last(pattern: re.Pattern[bytes], log: bytes, begin: int = 0) -> re.Match[bytes] | None:
    """The last place where it fits, from some byte on."""
    return max(pattern.finditer(log, begin), key=re.Match.start, default=None)
