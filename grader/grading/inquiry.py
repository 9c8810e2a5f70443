"""What went wrong in the runs of a stage's tests: the first finding in each, seen again in a boot of its own, made
small, and held against the reference.

The verdicts are those of one boot a test: what goes wrong where many scenarios share a boot counts
only once it has gone wrong again in a boot of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from grader.building import build
from grader.building.stage import Stage
from grader.emulators import qemu
from grader.errors import Unplayable
from grader.grading import reference, shrink
from grader.grading.outcome import Outcome
from grader.grading.play import Played, Player
from grader.judging.judge import Ending, Finding, judge
from grader.judging.verdict import Verdict
from grader.reporting import explain
from grader.scenarios.scenario import Scenario

DAMAGED = "the kernel's memory was damaged"
ROUND = 50_000_000  # instructions, after which a round of shrinking begins nothing more


@dataclass(frozen=True)
class Suspect:
    """The run of a test in which something goes wrong first, by its index; and the `shorter` scenario that is to
    fail in a boot of its own, too."""

    index: int
    finding: Finding
    shorter: Scenario

    @property
    def is_todo(self) -> bool:
        """Whether it ran into something that is not written yet."""
        return self.finding.verdict is Verdict.TODO


def _shrinks(scenario: Scenario, finding: Finding) -> bool:
    """Whether it could become shorter. Of an operation that may take long, and does not come back, a round tries but a
    few."""
    endless = finding.verdict is Verdict.HANG and (scenario.limit or 0) > ROUND // 8
    return scenario.shrinks and finding.rule != DAMAGED and not endless


@dataclass
class Inquiry:
    """An inquiry into what a `player` played of a stage.

    `rounds` of shrinking are left, for all tests together. Of an image that is `bare` neither the source nor the
    reference is at hand: it is not said where something happened, and nothing is held against the reference.
    """

    stage: Stage
    toolchain: build.Toolchain
    player: Player
    rounds: int
    bare: bool = False
    _shrunk: set[tuple[Verdict, str, str]] = field(default_factory=set, init=False)

    def outcomes(self, by_test: Mapping[str, list[Played]]) -> dict[str, Outcome]:
        """What comes of the runs of tests, by their names."""
        suspects = {test: self._suspect(entries) for test, entries in by_test.items()}
        self.player.play_apart(suspect.shorter for suspect in suspects.values() if suspect and not suspect.is_todo)
        outcomes = {test: self._outcome(entries, suspects[test]) for test, entries in by_test.items()}
        self._clear(outcomes)
        return outcomes

    def outcome(self, entry: Played, finding: Finding) -> Outcome:
        """What comes of one run in which something was found."""
        outcome = self._outcome([entry], Suspect(0, finding, self._shorter(entry, finding)))
        self._clear({entry.scenario.test: outcome})
        return outcome

    def kind(self, finding: Finding) -> tuple[Verdict, str, str]:
        """What findings have in common that are of one mistake."""
        return finding.verdict, finding.rule, explain.cause(finding, self.player.image)

    def sought(self, entry: Played) -> Finding | None:
        """What is wrong in a run that nobody wrote by hand; nothing where it makes no sense, or was not played."""
        try:
            return self._judged(entry) if entry.ending is not Ending.NOTHING_LEFT else None
        except Unplayable:
            return None

    def _clear(self, outcomes: Mapping[str, Outcome]) -> None:
        """Takes back what the reference fails of, too."""
        if not self.bare:
            reference.clear(outcomes, self.toolchain, self.player, self._found)

    def _suspect(self, played: list[Played], begin: int = 0) -> Suspect | None:
        """The first of a test's runs in which something goes wrong, from number `begin` on."""
        for i in range(begin, len(played)):
            if finding := self._find(played[i]):
                return Suspect(i, finding, self._shorter(played[i], finding))
        return None

    def _outcome(self, played: list[Played], suspect: Suspect | None) -> Outcome:
        outcome = Outcome(played)
        while suspect and not outcome.finding:
            if confirmed := self._confirmed(played[suspect.index], suspect):
                outcome.finding, again = confirmed
                outcome.failing, outcome.run = again.scenario, again.run
                outcome.places = [] if self.bare else explain.locate(outcome.finding, self.player.image, again.fault)
            else:  # it went wrong only after others: in a boot of its own it does not
                played[suspect.index:] = [self.player.play_alone(later.scenario, trace=False)
                                          for later in played[suspect.index:]]
                suspect = self._suspect(played, suspect.index + 1)
        return outcome

    def _confirmed(self, entry: Played, suspect: Suspect) -> tuple[Finding, Played] | None:
        # Nothing that went before can bring that about; or there is no boot left to see.
        if suspect.is_todo or self.player.left.is_spent:
            return suspect.finding, entry
        return (self._alone(suspect.shorter, suspect.finding)
                or self._alone(entry.scenario)
                or self._alone(suspect.shorter))  # whatever else is wrong with it then

    def _alone(self, scenario: Scenario, like: Finding | None = None) -> tuple[Finding, Played] | None:
        """What a scenario fails of in a boot of its own, in whatever way or `like` another one. To fail, it need not
        be watched."""
        for watched in (False, True):
            entry = self.player.play_alone(scenario, watched=watched)
            finding = self._find(entry)
            if finding and (like is None or self.kind(finding) == self.kind(like)):
                return finding, entry
        return None

    def _find(self, entry: Played) -> Finding | None:
        """What its lab's oracle finds in one run, with pictures.

        A graded scenario can be played on a kernel that is whole (the reference shows it): a player
        that refuses to has lost its own memory to a stray write.
        """
        try:
            # Most runs have nothing to draw, so it is looked for without pictures.
            return self._found(entry) and self._found(entry, drawn=True)
        except Unplayable as error:
            return Finding(Verdict.CRASH, DAMAGED, seen=f"the player's own memory was overwritten; "
                           f"after that, {error}", output=entry.run.output)

    def _found(self, entry: Played, drawn: bool = False) -> Finding | None:
        finding = self._judged(entry, drawn)
        if entry.damage and not finding:
            return Finding(Verdict.CRASH, DAMAGED, seen=entry.damage, output=entry.run.output)
        return finding

    def _judged(self, entry: Played, drawn: bool = False) -> Finding | None:
        lab = next(lab for lab in self.stage.labs if lab.slug == entry.scenario.lab)
        oracle = lab.new_oracle(self.toolchain.kernel_base)
        return judge(entry.scenario, entry.run, entry.ending, oracle, drawn)

    def _shorter(self, entry: Played, finding: Finding) -> Scenario:
        """The scenario without what came after, and without what it does not need to fail alike; but that only
        where nothing of the stage has failed alike yet: one small example of a mistake is enough."""
        scenario = entry.scenario
        if finding.verdict is Verdict.TODO:
            return scenario
        if finding.operation:
            scenario = replace(scenario, operations=scenario.operations[:finding.operation])
        if self.rounds > 0 and _shrinks(scenario, finding) and self._is_new(finding):
            # By the fast machine; what comes of it still has to fail in the one that grades.
            fast = replace(self.player, boot=qemu.boot, watched=False, looks=None)
            shorter = self._shrink(fast, replace(entry, scenario=scenario), finding)
            scenario = scenario if self._reference_fails(fast, shorter) else shorter
        return scenario

    def _is_new(self, finding: Finding) -> bool:
        kind = self.kind(finding)
        is_new = kind not in self._shrunk
        self._shrunk.add(kind)
        return is_new

    def _reference_fails(self, player: Player, shorter: Scenario) -> bool:
        """Whether a scenario has become one that no right use of the contract is: then it is nobody's mistake."""
        ours = player.on_the_reference(build.image(self.toolchain, {})).play_alone(shorter, trace=False)
        return reference.finding(ours, self._judged) is not None

    def _shrink(self, player: Player, entry: Played, finding: Finding) -> Scenario:
        """A shorter scenario that fails alike."""
        def fails_alike(candidates: list[Scenario]) -> list[bool]:
            self.rounds -= 1
            numbered = [replace(c, test=str(i)) for i, c in enumerate(shrink.affordable(candidates))]
            return [self._is_like(finding, played) for played in player.play_some(numbered, ROUND)]

        return shrink.shrink(entry.scenario, fails_alike, min(self.rounds, shrink.ROUNDS))

    def _is_like(self, finding: Finding, entry: Played) -> bool:
        found = self.sought(entry)  # what was left out may have made the rest of the scenario meaningless
        return bool(found) and self.kind(found) == self.kind(finding)
