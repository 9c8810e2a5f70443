"""Grading one lab: build its stage, play every test's scenarios, look for the first finding in each.

The verdicts are those of one boot a test: what goes wrong where many scenarios share a boot counts
only once it has gone wrong again in a boot of its own.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader import build, explain, shrink
from grader.judge import Finding, judge
from grader.labs import Lab
from grader.outcome import Outcome
from grader.play import Played, Player
from grader.scenario import Scenario
from grader.verdict import Verdict


@dataclass(frozen=True)
class Workload:
    """A test's scenarios; those that were generated may be shrunk."""

    test: str
    scenarios: Sequence[Scenario]
    generated: bool


@dataclass
class LabGrading:
    """One lab of one submission. After `run`, `outcomes` has each test's; `image` what was booted.

    `refusal` is set instead when there is nothing to boot: a missing file, a build that failed.
    """

    lab: Lab
    submission: Path
    toolchain: build.Toolchain
    seed: str
    image: Path | None = None
    refusal: Finding | None = None

    def run(self, workloads: Sequence[Workload]) -> dict[str, Outcome]:
        """Plays and judges all workloads; the outcomes by the tests' names."""
        self._build()
        if self.refusal:
            return {work.test: Outcome([], self.refusal) for work in workloads}
        player = Player(self.image, key=zlib.crc32(f"{self.seed}/{self.lab.slug}".encode()))
        played = player.play([scenario for work in workloads for scenario in work.scenarios])
        outcomes = {}
        for work in workloads:
            own, played = played[:len(work.scenarios)], played[len(work.scenarios):]
            outcomes[work.test] = self._judge(player, work, own)
        return outcomes

    def _build(self) -> None:
        sources = build.student_files(self.lab, self.submission)
        missing = [name for name in self.lab.files if name not in sources]
        if missing:
            self.refusal = Finding(Verdict.NOT_RUN, f"{missing[0]} was not handed in",
                                   seen=f"no kernel/mm/{missing[0]}, mm/{missing[0]} or "
                                        f"{missing[0]} in {self.submission}")
            return
        try:
            self.image = build.image(self.toolchain, sources)
        except build.BuildError as error:
            self.refusal = Finding(Verdict.BUILD, _first_error(str(error)), seen="\n" + str(error))

    def _judge(self, player: Player, work: Workload, played: list[Played]) -> Outcome:
        outcome = Outcome(played)
        for i, entry in enumerate(played):
            finding = self.find(entry)
            if not finding:
                continue
            failing = entry.scenario
            if work.generated and finding.verdict is not Verdict.TODO:
                failing = self._shrink(player, failing, finding)
            alone = self._alone(player, failing, entry.scenario)
            if not alone:  # it went wrong only after others: in a boot of its own it does not
                played[i] = player.play_alone(entry.scenario, trace=False)
                continue
            outcome.finding, outcome.failing, trace = alone
            outcome.places = explain.locate(outcome.finding, self.image, trace)
            break
        return outcome

    def find(self, entry: Played) -> Finding | None:
        """What the lab's oracle finds in one run."""
        return judge(entry.scenario, entry.run, entry.ending, self.lab.oracle.Oracle())

    def _alone(self, player: Player, *candidates: Scenario):
        """The first of the candidates that fails in a boot of its own: finding, scenario, trace."""
        for scenario in dict.fromkeys(candidates):
            entry = player.play_alone(scenario)
            if finding := self.find(entry):
                return finding, scenario, entry.trace
        return None

    def _shrink(self, player: Player, scenario: Scenario, finding: Finding) -> Scenario:
        def fails_alike(candidates: list[Scenario]) -> list[bool]:
            found = [self.find(entry) for entry in player.play(candidates)]
            return [bool(f) and (f.verdict, f.rule) == (finding.verdict, finding.rule)
                    for f in found]

        return shrink.shrink(scenario, fails_alike)


def _first_error(output: str) -> str:
    errors = [line for line in output.splitlines() if "error" in line]
    return errors[0].strip() if errors else "it does not compile"
