"""Grading one stage: its image is built, every test's scenarios are played on it, and what went wrong is inquired
into."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader.building import build
from grader.building.stage import Stage
from grader.course import secret
from grader.emulators import qemu
from grader.emulators.machine import Boot
from grader.evidence import looks
from grader.grading import compiled, remembered, search, workloads
from grader.grading.compiled import Compiled
from grader.grading.inquiry import Inquiry
from grader.grading.outcome import Outcome
from grader.grading.play import Played, Player
from grader.grading.workloads import Workload
from grader.judging.verdict import Verdict
from grader.scenarios.scenario import Scenario
from grader.scenarios.stream import Stream

PUBLIC_SEED = "1"  # of the self-test
LAB_ROUNDS = 14  # of shrinking, for all tests of a lab: nobody waits longer for a report
# A slow buddy allocator makes a slow start-up with an address allocator that frees page by page: both are
# sound, and two of ours together take 943 million instructions (the usual limit is 3.5 million).
ALL_STUDENTS_PATIENCE = 400
HURRIED_PATIENCE = 12  # for a submission in which something is wrong: enough for any one slow file


def patience(stage: Stage) -> int:
    """What limits are multiplied by on a stage's image."""
    return ALL_STUDENTS_PATIENCE if stage.integrated else 1


@dataclass
class StageGrading:
    """A stage's tests, on its image.

    `made` is that image or why there is none; where neither is given, it is made of the submission. With `searches` a
    lab's submission is searched afterwards (in QEMU), and `searched` is what came of it, which a test fails of where it
    `counts`. One that `remembers` does not play what it played before; then it `recalled` what came of it. A `bare`
    image is one without its sources and the reference.
    """

    stage: Stage
    submission: Path
    toolchain: build.Toolchain
    seed: str
    gated: bool = True
    made: Compiled = Compiled()
    boot: Callable[..., Boot] = qemu.boot
    rounds: int | None = None  # of shrinking; as many as the stage has, if not given
    hurried: bool = False  # whether something in the submission is known to be wrong
    searches: bool = False
    counts: bool = False
    remembers: bool = False
    bare: bool = False
    recalled: bool = field(default=False, init=False)
    searched: search.Search | None = field(default=None, init=False)
    _by_the_clock: bool = field(default=False, init=False)  # whether a boot of it ended so

    def __post_init__(self) -> None:
        if self.rounds is None:
            # What goes wrong with everybody's files together was mostly shrunk in its lab.
            self.rounds = 0 if self.stage.integrated else LAB_ROUNDS

    def workloads(self) -> list[Workload]:
        """What its tests play."""
        return workloads.of_stage(self.stage, self.seed)

    def outcomes(self) -> dict[str, Outcome]:
        """What comes of all that its tests play, by their names."""
        self._make()
        place = self._remembered()
        if place and (known := place.recall()):
            self.recalled = True
            return known
        outcomes = self.run(self.workloads())
        if place and not self._by_the_clock and not any(
                outcome.finding and outcome.finding.verdict is Verdict.INFRA for outcome in outcomes.values()):
            place.keep(outcomes)
        return outcomes

    def run(self, works: Sequence[Workload]) -> dict[str, Outcome]:
        """Plays and judges all of `works`; the outcomes by the tests' names."""
        self._make()
        if self.made.refusal:
            return {work.test: Outcome([], self.made.refusal) for work in works}
        player = self._player()
        inquiry = Inquiry(self.stage, self.toolchain, player, self.rounds, self.bare)
        outcomes = inquiry.outcomes(played(player, works))
        self._by_the_clock = player.left.decided
        if self._can_search:
            self.searched = search.searched(self.stage.labs[0], inquiry, outcomes, self.seed)
            outcomes |= self.searched.found if self.counts else {}
        return outcomes

    def _make(self) -> None:
        if self.made == Compiled():
            self.made = compiled.of(self.stage, self.submission, self.toolchain, self.seed, self.gated)

    def _remembered(self) -> remembered.Remembered | None:
        """Where it is kept what comes of it; None if it is to be played whatever was."""
        if not self.remembers or self.made.refusal or self.searches or self.boot is not qemu.boot or secret.is_official(
                self.seed):
            return None
        return remembered.of(self.toolchain.folder, self.stage.name, qemu.PROGRAM, self.toolchain.reference,
                             self.made.image.name, self.seed, self.stage.labs, self.toolchain.compiler, self.hurried,
                             self.rounds)

    def _player(self) -> Player:
        official = secret.is_official(self.seed) and self.boot is qemu.boot
        player = Player(self.made.image, key=secret.key(self.seed, self.stage.name), boot=self.boot,
                        looks=Stream(self.seed, self.stage.name, "looks") if official else None,
                        glances=self._glances, covers=self._can_search)
        if official and not self.stage.integrated:  # there the player itself works with files of the student's
            player.reference = build.image(self.toolchain, {})
        if self.stage.integrated:
            player.patience = HURRIED_PATIENCE if self.hurried else ALL_STUDENTS_PATIENCE
            player.hurried_patience = HURRIED_PATIENCE
        return player

    @property
    def _can_search(self) -> bool:
        return self.searches and not self.stage.integrated and self.boot is qemu.boot

    def _glances(self, batch: list[Scenario]) -> looks.Glances:
        oracles = {lab.slug: lab.new_oracle(0) for lab in self.stage.labs}
        sights = {slug: getattr(oracle, "sight", looks.Sight.CONTENTS) for slug, oracle in oracles.items()
                  if hasattr(oracle, "glance")}
        return looks.glances(batch, self.seed, sights)


def played(player: Player, works: Sequence[Workload]) -> dict[str, list[Played]]:
    """What came of each test's scenarios. What several tests share (a trace) is one object, and played once. Those that
    have boots of their own come last, together: in as few as it takes."""
    scenarios: dict[int, Scenario] = {}
    for work in works:
        for scenario in work.scenarios:
            scenarios.setdefault(id(scenario), replace(scenario, test=work.test))
    scenarios = dict(sorted(scenarios.items(), key=lambda item: player.is_timed(item[1])))
    entries = dict(zip(scenarios, player.play(scenarios.values()), strict=True))
    return {work.test: [entries[id(scenario)] for scenario in work.scenarios] for work in works}
