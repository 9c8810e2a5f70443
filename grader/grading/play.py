"""Playing scenarios on a machine: as many as fit into one boot, more boots where one ends early."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader.emulators import machine, qemu
from grader.evidence import instructions, integrity, records
from grader.evidence import looks as looks_at
from grader.evidence.snapshot import Snapshot
from grader.grading.allowance import Allowance
from grader.judging.judge import Ending
from grader.scenarios.scenario import MAX_SCRIPT, Scenario, script
from grader.scenarios.stream import Stream

IMAGE = 2 << 20  # bytes of the memory, in which the kernel's image lies

# Instructions, after which a boot begins no other scenario: operations that never come back, or are slow, must not
# use up each other's processor time. Of the reference no boot takes 300 million.
BUDGET = 500_000_000
_CUT = (Ending.CPU_TIME, Ending.NOWHERE, Ending.OUTPUT)  # what was said last then, nobody heard


@dataclass(frozen=True)
class Played:
    """A scenario, the run that came of it (None: it did not begin), and how its boot ended."""

    scenario: Scenario
    run: records.Run | None
    ending: Ending
    fault: int | None = None  # where a triple fault began
    damage: str = ""  # what it or its boot did that no kernel of ours does, as seen from outside
    reached: frozenset[int] = frozenset()  # what ran in its boot: apart, only what had not run before

    @property
    def finished(self) -> bool:
        """Whether it came to its end, however its boot ended."""
        return bool(self.run and self.run.finished)


@dataclass
class Player:
    """Plays scenarios on one image.

    `key` goes into the records' check words; `patience` multiplies the limits of operations, until one was given up:
    then `hurried_patience` does, if that is less. After `budget` instructions a boot begins no other scenario. `looks`
    is where the machine is looked at in an official run (None: it is not), `glances` where without its knowing. There
    scenarios are dealt. `hurry`: a boot has used up all of its processor time, and the others get less; `left` is how
    many may do so. Which code runs is seen where boots are `watched`, and told where that `covers` something. With the
    `reference`'s image, what operations took by their records is compared in official runs with what was counted
    outside.
    """

    image: Path
    key: int = 0
    patience: int = 1
    hurried_patience: int = 1
    budget: int = BUDGET
    memory: int = machine.MEMORY
    looks: Stream | None = None
    glances: Callable[[list[Scenario]], looks_at.Glances] | None = None
    hurry: bool = False
    watched: bool = True
    covers: bool = False
    boot: Callable[..., machine.Boot] = qemu.boot
    reference: Path | None = None
    left: Allowance = field(default_factory=Allowance)
    _usual: dict[tuple, dict[int, instructions.Unsaid]] = field(default_factory=dict, init=False)
    _alone: dict[tuple, Played] = field(default_factory=dict, init=False)

    def play(self, scenarios: Iterable[Scenario]) -> Iterator[Played]:
        """Plays all, each in a freshly started kernel, in as few boots as it takes; a boot when the
        first of its scenarios is asked for.

        Once a scenario could not be finished, the others of its test are passed over.
        """
        for batch in batches(scenarios, apart=self.is_timed):
            while batch:
                done = self._boot(batch, budget=self.budget)
                if any(stop.kind == "hang" for played in done if played.run for stop in played.run.stops):
                    self.patience = min(self.patience, self.hurried_patience)
                yield from done
                batch = batch[len(done):]

    def play_some(self, scenarios: list[Scenario], budget: int, apart: bool = False) -> list[Played]:
        """Plays the first of them in one boot, maybe apart: no other one after so many instructions, or where
        the boot ends early."""
        return self._boot(next(batches(scenarios)), budget=budget, **({"apart": True} if apart else {}))

    def on_the_reference(self, image: Path) -> Player:
        """One that plays alike on the kit's own right solution, and has all boots left."""
        return replace(self, image=image, looks=None, hurry=False, left=Allowance())

    def play_alone(self, scenario: Scenario, trace: bool = True, watched: bool = True) -> Played:
        """Plays one scenario in a boot of its own, and with `trace` finds out where a triple fault began.

        The same operations need not be booted twice.
        """
        content = self._content(scenario, watched)
        played = self._alone.get(content) or self._boot([scenario], watched=watched)[0]
        if trace and played.ending is Ending.RESET and played.fault is None and not played.finished:
            played = self._boot([scenario], trace, watched=watched)[0]  # few end so, and it takes long
        self._alone[content] = played
        # What was played has the looks, too, that an official run adds.
        named = replace(played.scenario, title=scenario.title, test=scenario.test)
        return replace(played, scenario=named)

    @staticmethod
    def _content(scenario: Scenario, watched: bool) -> tuple:
        """What becomes of it when it is played alone follows from: all but its title."""
        return watched, scenario.lab, scenario.content

    def play_apart(self, scenarios: Iterable[Scenario]) -> None:
        """Plays many as `play_alone` would, unwatched, which then need not boot them: in QEMU, where each can be
        played as if it were the first in its boot."""
        different = {self._content(scenario, watched=False): scenario for scenario in scenarios}.values()
        if self.boot is not qemu.boot or len(different) < 2:
            return
        # Each a test of its own: when one can't be finished, the next one is played all the same.
        numbered = [replace(scenario, test=str(i)) for i, scenario in enumerate(different)]
        for batch in batches(numbered):
            while batch:
                done = self._boot(batch, watched=False, apart=True, budget=self.budget)
                if not any(played.damage for played in done):  # which is seen of a boot, not of a scenario
                    self._alone |= {self._content(scenario, watched=False): played
                                    for scenario, played in zip(batch, done)}  # which may have been looked at
                batch = batch[len(done):]

    def _boot(self, batch: list[Scenario], trace: bool = False, budget: int = 0,
              watched: bool = True, **options: object) -> list[Played]:
        """One boot: what was played in it, at least one scenario. `options` (`apart`) are for the script, and for an
        emulator that has them. Where none is left, all end at once."""
        if self.left.is_spent:
            return [Played(scenario, None, Ending.NOTHING_LEFT) for scenario in batch]
        batch, contents = self._with_looks(batch)
        text = script(batch, self.key, self.patience, budget, options.get("apart", False))
        if self.looks:
            options["dealt"] = self.glances(batch) if self.glances else {}
            options["timely"] = any(map(self.is_timed, batch))
        if self.covers and watched and self.watched:
            options["reached"] = True
        boot = self.boot(self.image, text, memory=self.memory, trace=trace, inspect=any(map(looks_at.looked_at, batch)),
                         contents=contents, hurry=self.hurry, watched=watched and self.watched, **options)
        log = records.read(boot.log, self.key)
        self.left.charge(boot, _is_cut_short(batch, boot, log, budget))
        # The kernel's own watchdog is much quicker: who got past it once may do so in every boot.
        self.hurry = self.hurry or boot.ending in (Ending.CPU_TIME, Ending.NOWHERE)
        return self._played(batch, boot, log)

    def is_timed(self, scenario: Scenario) -> bool:
        """Whether what its operations took is compared with what was counted outside: of its records it is seen when
        they were out, for half as much processor time again."""
        return bool(self.looks and self.reference) and scenario.tells_costs

    def _with_looks(self, batch: list[Scenario]) -> tuple[list[Scenario], int]:
        """The scenarios as they are played, and how many bytes of the memory each look at it keeps."""
        if not self.looks:
            return batch, 0
        if any(map(looks_at.looked_at, batch)):
            return batch, IMAGE
        return looks_at.add([looks_at.counted(scenario) for scenario in batch], self.looks), self.memory << 20

    def _played(self, batch: list[Scenario], boot: machine.Boot, log: records.Log) -> list[Played]:
        """What came of each scenario that needs no other boot."""
        cut = boot.ending in _CUT
        strange_stops = records.attach(log, _told_of(boot) if cut else boot.snapshots)
        forestalled = boot.dealt.damage(log, cut) if boot.dealt else ""
        damage = (boot.foreign or forestalled or _refused(log) or strange_stops or self._seen(log)
                  or _after_the_end(log, boot.ending))
        runs = {run.index: run for run in log.runs}
        for index, run in runs.items() if boot.dealt else ():
            run.glances = boot.dealt.glances_of(index)
        hidden = self._hidden(batch, runs, boot)
        reached = boot.reached or (frozenset(),)
        return [Played(scenario, runs.get(i), _ending(runs.get(i), log, boot.ending), boot.fault,
                       damage or hidden.get(i, ""), reached[min(i + 1, len(reached) - 1)])
                for i, scenario in enumerate(batch[:_begun(batch, log)])]

    def _hidden(self, batch: list[Scenario], runs: dict[int, records.Run], boot: machine.Boot) -> dict[int, str]:
        """What records do not tell of what operations took, in scenarios where that is told: of each, or in sums."""
        measured = {i: scenario for i, scenario in enumerate(batch)
                    if scenario.tells_costs and i in runs and self.reference and boot.dealt}
        self._learn_the_usual(measured.values())
        return {i: instructions.hidden(runs[i], instructions.unsaid(runs[i], boot.instructions),
                                       self._usual[self._content(scenario, watched=False)])
                for i, scenario in measured.items()}

    def _learn_the_usual(self, scenarios: Iterable[Scenario]) -> None:
        """Plays on the reference those that it did not play yet."""
        new = {content: scenario for scenario in scenarios
               if (content := self._content(scenario, watched=False)) not in self._usual}
        if not new:
            return
        # Each a test of its own: when one can't be finished, the next one is played all the same.
        text = script([replace(each, test=str(i)) for i, each in enumerate(new.values())], self.key, self.patience)
        boot = self.boot(self.reference, text, memory=self.memory, watched=False, dealt={})
        runs = {run.index: run for run in records.read(boot.log, self.key).runs}
        self._usual |= {content: instructions.unsaid(runs[i], boot.instructions) if i in runs else {}
                        for i, content in enumerate(new)}

    def _seen(self, log: records.Log) -> str:
        """What the looks at the memory found wrong with the kernel itself, whatever the lab."""
        found = (integrity.damage(self.image, record.snapshot, record, qemu.TSC_SHIFT)
                 for run in log.runs for record in run.records
                 if record.snapshot and record.snapshot.memory)
        return next(filter(None, found), "")


def _told_of(boot: machine.Boot) -> list[Snapshot]:
    """The stops behind which a cut log goes on: there are records of these."""
    end = boot.log.rfind(b"\n")
    return [snapshot for snapshot in boot.snapshots if snapshot.log_size < end]


def _refused(log: records.Log) -> str:
    """That the player could not read the script, in words. It can: where the reference says so, too, nobody is blamed;
    else it was led astray, or somebody said so in its name."""
    return f"the player's own memory was overwritten; after that, a script could not be read: {log.error}" if log.error else ""


def _after_the_end(log: records.Log, ending: Ending) -> str:
    """What cannot be where a scenario has ended and none of a submission's code runs, in words."""
    for run in log.runs:
        if run.late:
            return f"after the end of a scenario there came {run.late[0]!r}"
    if log.complete and ending is not Ending.POWER_OFF:
        return f"after the last record the machine was not switched off: {ending.value}"
    return ""


def _ending(run: records.Run | None, log: records.Log, ending: Ending) -> Ending:
    """How a scenario came to its end: the kernel may have given it up without a word, and gone on with the next one."""
    untold = run and not run.finished and not run.stops and log.complete and ending is Ending.POWER_OFF
    return Ending.UNTOLD if untold else ending


def _is_cut_short(batch: list[Scenario], boot: machine.Boot, log: records.Log, budget: int) -> bool:
    """Whether a machine was switched off, and not by the player: that does so when it has played all, or executed its
    budget."""
    left = _begun(batch, log) < len(batch)
    too_soon = left and boot.executed is not None and boot.executed < budget
    return boot.ending is Ending.POWER_OFF and (not log.complete or too_soon)


def _begun(batch: list[Scenario], log: records.Log) -> int:
    """How many scenarios need no other boot."""
    last = max(log.runs, key=lambda run: run.index, default=None)
    if log.complete and last and last.finished:
        return last.index + 1
    return _decided(batch, last.index if last else 0)


def _decided(batch: list[Scenario], last: int) -> int:
    """How many scenarios need no other boot when the last of them was not finished: its test's."""
    end = last + 1
    while end < len(batch) and batch[end].test == batch[last].test:
        end += 1
    return end


def batches(scenarios: Iterable[Scenario], apart: Callable[[Scenario], bool] = lambda _: False,
            ) -> Iterator[list[Scenario]]:
    """Cuts a list of scenarios into scripts that the kernel has room for, those that are to be `apart` from others."""
    batch: list[Scenario] = []
    size = 0
    for scenario in scenarios:
        length = len(f"test {scenario.test}\n{scenario.text}\n")
        if batch and (size + length > MAX_SCRIPT - 1024 or apart(scenario) != apart(batch[-1])):
            yield batch
            batch, size = [], 0
        batch.append(scenario)
        size += length
    if batch:
        yield batch
