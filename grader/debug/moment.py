"""What is known of the moment at which a debugger stands, in words; kept as JSON for what runs in it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from grader.debug.target import Target
from grader.grading import again
from grader.reporting import explain

NOT_THEIRS = "It calls nothing of the student's: this is just before it, in the player."
_BEFORE = 10  # operations that are listed before the present one


@dataclass(frozen=True)
class Moment:
    """Operation number `operation` is about to be played.

    `operations` has all of the scenario's, with what came of them; `story` what is wrong with number
    `failing` (0: with none of them).
    """

    headline: str
    operation: int
    calls: str  # the function of the student's that it calls first, or ""
    operations: list[str]
    failing: int
    story: list[str]
    sources: list[str]  # the folders of the student's files

    @classmethod
    def of(cls, target: Target) -> Moment:
        """What is known of a target."""
        finding = target.finding
        failing = finding.operation if finding else 0
        sources = [str(path.resolve().parent) for path in target.stage.sources.values()]
        operations = again.annotated(target.scenario, target.run, finding)
        if failing:  # its story says more
            operations[failing - 1] = str(target.scenario.operations[failing - 1])
        story = "\n".join(explain.story(finding)).splitlines() if finding else []
        lost = [target.leak.said, ""] if target.leak else []
        return cls("\n".join([target.headline, *lost]).rstrip("\n"), target.operation, target.calls, operations, failing,
                   story, sources)

    def save(self, path: Path) -> None:
        """Writes it down for `load`."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> Moment:
        """What `save` wrote."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def listing(self, present: int) -> list[str]:
        """The operations up to `present`, which is about to be played, an arrow before it; if it is
        the one that fails, its story."""
        first = max(1, present - _BEFORE)
        lines = [self.headline] + (["      ..."] if first > 1 else [])
        for number in range(first, min(present, len(self.operations)) + 1):
            arrow = "=>" if number == present else "  "
            lines.append(f"{arrow}{number:5}  {self.operations[number - 1]}")
        return lines + (["", *self.story] if present == self.failing else [])
