"""Grading one stage: build it, play every test's scenarios, look for the first finding in each.

The verdicts are those of one boot a test: what goes wrong where many scenarios share a boot counts
only once it has gone wrong again in a boot of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader.building import advice, build, gate, handed_in, symbols
from grader.building.stage import Stage
from grader.course import secret
from grader.emulators import qemu
from grader.emulators.machine import Boot
from grader.errors import Unplayable
from grader.evidence import looks
from grader.grading import reference, remembered, search, shrink, workloads
from grader.grading.outcome import Outcome
from grader.grading.play import Allowance, Played, Player
from grader.grading.workloads import Workload
from grader.judging.judge import Ending, Finding, judge
from grader.judging.verdict import Verdict
from grader.reporting import explain
from grader.scenarios.scenario import Scenario
from grader.scenarios.stream import Stream

PUBLIC_SEED = "1"  # of the self-test
DAMAGED = "the kernel's memory was damaged"
LAB_ROUNDS = 14  # of shrinking, for all tests of a lab: nobody waits longer for a report
ROUND = 50_000_000  # instructions, after which a round of shrinking begins nothing more
# A slow buddy allocator makes a slow start-up with an address allocator that frees page by page: both are
# sound, and two of ours together take 943 million instructions (the usual limit is 3.5 million).
ALL_STUDENTS_PATIENCE = 400
HURRIED_PATIENCE = 12  # for a submission in which something is wrong: enough for any one slow file
ALL_STUDENTS_BUDGET = 500_000_000  # instructions; after an endless loop with all patience they are spent


def patience(stage: Stage) -> int:
    """What limits are multiplied by on a stage's image."""
    return ALL_STUDENTS_PATIENCE if stage.integrated else 1


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


@dataclass
class StageGrading:
    """A stage's tests, on its image.

    After `run`, `image` is what was booted; or `refusal` says why there was nothing to boot: a
    missing file, a build that failed. An image or a refusal that is given is not asked for. `warnings` is what the
    compiler said of files that it compiled. With `searches` a lab's submission is searched afterwards (in QEMU), and
    `searched` is what came of it, which a test fails of where it `counts`. One that `remembers` does not play what it
    played before; then it `recalled` what came of it.
    """

    stage: Stage
    submission: Path
    toolchain: build.Toolchain
    seed: str
    gated: bool = True
    image: Path | None = None
    refusal: Finding | None = None
    boot: Callable[..., Boot] = qemu.boot
    rounds: int | None = None  # of shrinking that are left; as many as the stage has, if not given
    hurried: bool = False  # whether something in the submission is known to be wrong
    searches: bool = False
    counts: bool = False
    remembers: bool = False
    recalled: bool = field(default=False, init=False)
    searched: search.Search | None = field(default=None, init=False)
    warnings: str = field(default="", init=False)
    sources: dict[str, Path] = field(default_factory=dict, init=False)  # the student's files in the image
    _shrunk: set[tuple[Verdict, str, str]] = field(default_factory=set, init=False)
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
        self._prepare()
        place = self._remembered()
        if place and (known := place.recall()):
            self.recalled = True
            return known
        outcomes = self.run(self.workloads())
        if place and not self._by_the_clock and not any(
                outcome.finding and outcome.finding.verdict is Verdict.INFRA for outcome in outcomes.values()):
            place.keep(outcomes)
        return outcomes

    def _remembered(self) -> remembered.Remembered | None:
        """Where it is kept what comes of it; None if it is to be played whatever was."""
        if not self.remembers or self.refusal or self.searches or self.boot is not qemu.boot or secret.is_official(
                self.seed):
            return None
        return remembered.of(self.toolchain.folder, self.stage.name, qemu.PROGRAM, self.toolchain.reference,
                             self.image.name, self.seed, self.stage.labs, self.toolchain.compiler, self.hurried,
                             self.rounds)

    def _prepare(self) -> None:
        if not self.refusal and not self.image:
            self._build()

    def run(self, works: Sequence[Workload]) -> dict[str, Outcome]:
        """Plays and judges all of `works`; the outcomes by the tests' names."""
        self._prepare()
        if self.refusal:
            return {work.test: Outcome([], self.refusal) for work in works}
        official = secret.is_official(self.seed) and self.boot is qemu.boot
        player = Player(self.image, key=secret.key(self.seed, self.stage.name), boot=self.boot,
                        looks=Stream(self.seed, self.stage.name, "looks") if official else None,
                        glances=self._glances, covers=self._can_search)
        if official and not self.stage.integrated:  # there the player itself works with files of the student's
            player.reference = build.image(self.toolchain, {})
        if self.stage.integrated:
            player.patience = HURRIED_PATIENCE if self.hurried else ALL_STUDENTS_PATIENCE
            player.hurried_patience, player.budget = HURRIED_PATIENCE, ALL_STUDENTS_BUDGET
        # What several tests share (a trace) is one object, and played once.
        scenarios: dict[int, Scenario] = {}
        for work in works:
            for scenario in work.scenarios:
                scenarios.setdefault(id(scenario), replace(scenario, test=work.test))
        played = dict(zip(scenarios, player.play(scenarios.values()), strict=True))
        by_test = {work.test: [played[id(s)] for s in work.scenarios] for work in works}
        suspects = {test: self._suspect(player, entries) for test, entries in by_test.items()}
        player.play_apart(suspect.shorter for suspect in suspects.values()
                          if suspect and not suspect.is_todo)
        outcomes = {test: self._judge(player, entries, suspects[test]) for test, entries in by_test.items()}
        self._clear(outcomes, player)
        self._by_the_clock = player.left != Allowance()
        if self._can_search:
            self.searched = self._search(player, outcomes)
            outcomes |= self.searched.found if self.counts else {}
        return outcomes

    @property
    def _can_search(self) -> bool:
        return self.searches and not self.stage.integrated and self.boot is qemu.boot

    def _search(self, player: Player, outcomes: Mapping[str, Outcome]) -> search.Search:
        """What a search of the submission finds beside what the tests told, confirmed and shrunk."""
        found, suspicions = search.search(self.stage.labs[0], self.image, player, outcomes, self.seed, self._sought)
        suspicions = search.told_of_none(
            suspicions, player.on_the_reference(build.image(self.toolchain, {})), self._sought)
        patient = replace(player, patience=search.PATIENCE, covers=False, left=Allowance())
        told = {self._kind(o.finding) for o in outcomes.values() if o.finding}
        for suspicion in suspicions:
            test, kind = suspicion.entry.scenario.test, self._kind(suspicion.finding)
            if test in found.found or kind in told:
                continue
            told.add(kind)
            self.rounds = max(self.rounds, shrink.ROUNDS)
            suspect = Suspect(0, suspicion.finding, self._shorter(patient, suspicion.entry, suspicion.finding))
            outcome = self._judge(patient, [suspicion.entry], suspect)
            one = {test: outcome}
            reference.clear(one, self.toolchain, patient, lambda entry: self._found(entry, drawn=False))
            if outcome.finding and outcome.finding.verdict.has_score:
                found.found[test] = replace(outcome, played=outcomes[test].played, searched=True)
        return found

    def _sought(self, entry: Played) -> Finding | None:
        """What is wrong in a run of the search's; nothing where what it plays makes no sense, or was not played."""
        try:
            return self._judged(entry, drawn=False) if entry.ending is not Ending.NOTHING_LEFT else None
        except Unplayable:
            return None

    def _clear(self, outcomes: dict[str, Outcome], player: Player) -> None:
        """Takes back what the reference fails of, too."""
        reference.clear(outcomes, self.toolchain, player, lambda entry: self._found(entry, drawn=False))

    def _glances(self, batch: list[Scenario]) -> looks.Glances:
        oracles = {lab.slug: lab.new_oracle(0) for lab in self.stage.labs}
        sights = {slug: getattr(oracle, "sight", looks.Sight.CONTENTS) for slug, oracle in oracles.items()
                  if hasattr(oracle, "glance")}
        return looks.glances(batch, self.seed, sights)

    def _build(self) -> None:
        sources = {name: path for lab in self.stage.labs
                   for name, path in handed_in.files(lab, self.submission).items()}
        missing = [name for lab in self.stage.labs for name in lab.files if name not in sources]
        if missing:
            self.refusal = Finding(Verdict.NOT_RUN, f"{missing[0]} was not handed in",
                                   seen=f"no kernel/mm/{missing[0]}, no mm/{missing[0]}, no "
                                        f"{missing[0]}")
            return
        self.sources = sources
        try:
            self.image = build.image(self.toolchain, sources, self.gated,
                                     secret.layout(self.seed))
            said = (build.warnings(self.toolchain, name, path, self.gated) for name, path in sources.items())
            self.warnings = "\n".join(filter(None, said))
        except gate.Rejected as error:
            self.refusal = Finding(Verdict.REJECTED, str(error))
        except build.BuildError as error:
            said = str(error)
            self.refusal = Finding(Verdict.BUILD, _first_error(said), seen="\n" + said if "\n" in said else "")

    def _places(self, finding: Finding, fault: int | None) -> list[symbols.Place]:
        """Where it crashed or hung, by the image's debug information."""
        return explain.locate(finding, self.image, fault)

    def _suspect(self, player: Player, played: list[Played], begin: int = 0) -> Suspect | None:
        """The first of a test's runs in which something goes wrong, from number `begin` on."""
        for i in range(begin, len(played)):
            if finding := self.find(played[i]):
                return Suspect(i, finding, self._shorter(player, played[i], finding))
        return None

    def _judge(self, player: Player, played: list[Played], suspect: Suspect | None) -> Outcome:
        outcome = Outcome(played)
        while suspect and not outcome.finding:
            if confirmed := self._confirmed(player, played[suspect.index], suspect):
                outcome.finding, again = confirmed
                outcome.failing, outcome.run = again.scenario, again.run
                outcome.places = self._places(outcome.finding, again.fault)
            else:  # it went wrong only after others: in a boot of its own it does not
                played[suspect.index:] = [player.play_alone(later.scenario, trace=False)
                                          for later in played[suspect.index:]]
                suspect = self._suspect(player, played, suspect.index + 1)
        return outcome

    def _confirmed(self, player: Player, entry: Played, suspect: Suspect) -> tuple[Finding, Played] | None:
        # Nothing that went before can bring that about; or there is no boot left to see.
        if suspect.is_todo or player.left.boots <= 0:
            return suspect.finding, entry
        return (self._alone(player, suspect.shorter, suspect.finding)
                or self._alone(player, entry.scenario)
                or self._alone(player, suspect.shorter))  # whatever else is wrong with it then

    def find(self, entry: Played) -> Finding | None:
        """What its lab's oracle finds in one run.

        A graded scenario can be played on a kernel that is whole (the reference shows it): a player
        that refuses to has lost its own memory to a stray write.
        """
        try:
            return self._found(entry)
        except Unplayable as error:
            return Finding(Verdict.CRASH, DAMAGED, seen=f"the player's own memory was overwritten; "
                           f"after that, {error}", output=entry.run.output)

    def _found(self, entry: Played, drawn: bool = True) -> Finding | None:
        finding = self._judged(entry, drawn)
        if entry.damage and not finding:
            return Finding(Verdict.CRASH, DAMAGED, seen=entry.damage, output=entry.run.output)
        return finding

    def _judged(self, entry: Played, drawn: bool = True) -> Finding | None:
        """What is wrong in a run; most have nothing to draw, so it is looked for without pictures."""
        for pictures in (False, True) if drawn else (False,):
            lab = next(lab for lab in self.stage.labs if lab.slug == entry.scenario.lab)
            oracle = lab.new_oracle(self.toolchain.kernel_base)
            finding = judge(entry.scenario, entry.run, entry.ending, oracle, pictures)
            if not finding:
                return None
        return finding

    def _alone(self, player: Player, scenario: Scenario,
               like: Finding | None = None) -> tuple[Finding, Played] | None:
        """What a scenario fails of in a boot of its own, in whatever way or `like` another one. To fail, it need not
        be watched."""
        for watched in (False, True):
            entry = player.play_alone(scenario, watched=watched)
            finding = self.find(entry)
            if finding and (like is None or self._kind(finding) == self._kind(like)):
                return finding, entry
        return None

    def _kind(self, finding: Finding) -> tuple[Verdict, str, str]:
        """What findings have in common that are of one mistake."""
        return finding.verdict, finding.rule, explain.cause(finding, self.image)

    def _shorter(self, player: Player, entry: Played, finding: Finding) -> Scenario:
        """The scenario without what came after, and without what it does not need to fail alike; but that only
        where nothing of the stage has failed alike yet: one small example of a mistake is enough."""
        scenario = entry.scenario
        if finding.verdict is Verdict.TODO:
            return scenario
        if finding.operation:
            scenario = replace(scenario, operations=scenario.operations[:finding.operation])
        kind = self._kind(finding)
        if self.rounds > 0 and scenario.shrinks and finding.rule != DAMAGED and kind not in self._shrunk:
            self._shrunk.add(kind)
            # By the fast machine; what comes of it still has to fail in the one that grades.
            fast = replace(player, boot=qemu.boot, watched=False, looks=None)
            shorter = self._shrink(fast, replace(entry, scenario=scenario), finding)
            scenario = scenario if self._reference_fails(fast, shorter) else shorter
        return scenario

    def _reference_fails(self, player: Player, shorter: Scenario) -> bool:
        """Whether a scenario has become one that no right use of the contract is: then it is nobody's mistake."""
        ours = player.on_the_reference(build.image(self.toolchain, {})).play_alone(shorter, trace=False)
        return reference.finding(ours, lambda entry: self._judged(entry, drawn=False)) is not None

    def _shrink(self, player: Player, entry: Played, finding: Finding) -> Scenario:
        """A shorter scenario that fails alike."""
        def fails_alike(candidates: list[Scenario]) -> list[bool]:
            self.rounds -= 1
            numbered = [replace(c, test=str(i)) for i, c in enumerate(shrink.affordable(candidates))]
            return [self._is_like(finding, played) for played in player.play_some(numbered, ROUND)]

        return shrink.shrink(entry.scenario, fails_alike, min(self.rounds, shrink.ROUNDS))

    def _is_like(self, finding: Finding, entry: Played) -> bool:
        try:
            found = self._judged(entry, drawn=False)
        except Unplayable:  # what was left out made the rest of the scenario meaningless
            return False
        return bool(found) and self._kind(found) == self._kind(finding)


def _first_error(output: str) -> str:
    errors = [line for line in output.splitlines() if "error" in line]
    if not errors:
        return "it does not compile"
    return errors[0].strip() + advice.on(errors[0])
