"""How many instructions a machine may execute without a word: as many as the operations may take of which it would have to
tell next, and then some. Who is past that has put the kernel's watchdog out of action. However slow the host is,
instructions are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from grader.scenarios.dealing import AT_ONCE
from grader.scenarios.scenario import number

_USUAL = 3_500_000  # that an operation may take (kernel/player/player.h)
_TWICE = 2  # a student's own check takes as long again; and the watchdog looks at the clock every 4 million
_BESIDE = 50_000_000  # for the player: no restart, and none of its own work on an operation, takes a tenth of it
_BEGUN, _DONE = re.compile(rb"^> (\d{1,9}) ", re.MULTILINE), re.compile(rb"^@(\d{1,9}) ", re.MULTILINE)


@dataclass
class _Scenario:
    """The verbs of its operations, and what each may take: all, or some more than others."""

    limit: int
    raised: dict[str, int] = field(default_factory=dict)
    verbs: list[str] = field(default_factory=list)

    def to_come(self, done: int) -> Iterator[int]:
        """What the operations may take that leave a record next, when so many were done: one, or a quiet stretch."""
        before = self.verbs[:done]
        quiet = "quiet" in before and "loud" not in before[len(before) - before[::-1].index("quiet"):]
        for verb in self.verbs[done:]:
            yield self.raised.get(verb, self.limit)
            if not quiet or verb == "loud":
                return


class Silence:
    """What is heard of a machine that plays a script. Where that is `dealt`, it asks more often than it tells."""

    def __init__(self, script: str, dealt: bool) -> None:
        self._scenarios = list(_scenarios(script))
        self._dealt = dealt
        self._heard: tuple[int, int] = (0, 0)
        self._since = 0

    def is_too_long(self, log: bytes, questions: int, executed: int) -> bool:
        """Whether nothing is to be expected any more of a machine that has said and asked so much, and executed so many
        instructions."""
        if (heard := (len(log), questions)) != self._heard:
            self._heard, self._since = heard, executed
        return executed - self._since > self.allowed(log)

    def allowed(self, log: bytes) -> int:
        """How many instructions, behind what a log has: before its first scenario, and in one that there is not, as
        many as anywhere."""
        begun = _last(_BEGUN, log)
        if begun is None or int(begun[1]) >= len(self._scenarios):
            return max((self._at(each, done) for each in self._scenarios for done in range(len(each.verbs))), default=_BESIDE)
        done = _last(_DONE, log[begun.end():])
        return self._at(self._scenarios[int(begun[1])], int(done[1]) if done else 0)

    def _at(self, scenario: _Scenario, done: int) -> int:
        to_come = list(scenario.to_come(done))
        most = sum(to_come) if not self._dealt else max(to_come, default=0) * min(len(to_come), AT_ONCE)
        return _TWICE * most + _BESIDE


def _last(pattern: re.Pattern[bytes], log: bytes) -> re.Match[bytes] | None:
    """The last place where it fits; of a long log its end is looked at first."""
    return next((found[-1] for part in (log[-4096:], log) if (found := list(pattern.finditer(part)))), None)


def _scenarios(script: str) -> Iterator[_Scenario]:
    head, *parts = re.split(r"^scenario .*\n", script, flags=re.MULTILINE)
    patience = next((number(words[1]) for words in map(str.split, head.splitlines()) if words[:1] == ["patience"]), 1)
    for part in parts:
        found = _Scenario(_USUAL * patience)
        for words in filter(None, map(str.split, part.splitlines())):
            verb, *rest = words[2:] if words[1:2] == ["="] else words  # `block = malloc 5`
            if verb == "limit" and rest[1:]:
                found.raised = dict.fromkeys(rest[1:], max(number(rest[0]), found.limit))
            elif verb == "limit":
                found.limit = number(rest[0]) * patience
            elif verb not in ("test", "lab", "measure"):
                found.verbs.append(verb)
        yield found
