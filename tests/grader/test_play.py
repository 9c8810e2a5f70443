"""Playing scenarios on a machine that is made up: batches, boots that end early, inspections."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from pathlib import Path

import pytest

from grader.course import labs
from grader.emulators.machine import Boot
from grader.evidence import records
from grader.evidence.dealt import Dealt
from grader.evidence.snapshot import Snapshot
from grader.grading.allowance import LAB_SECONDS, LAB_SEEN
from grader.grading.play import BUDGET, Player, batches
from grader.grading.stage_grading import played
from grader.grading.workloads import Workload, of_test
from grader.judging.judge import Ending, judge
from grader.scenarios.scenario import MAX_SCRIPT, Operation, Scenario, operations
from grader.scenarios.stream import Stream
from grader.scenarios.workload import Limit, generated

FINE = ["@1 init 1 -> ok", "< 0"]
HANG = ['!1 hang eip=0xc0100000 trace=0xc0100000 during="init 1" message="it did not come back"']
HANGS = [FINE, HANG, FINE]
DEFAULT_LIMIT = 3_500_000  # the kernel's, as docs/scenarios.md has it
NOTHING = Snapshot(0, 0, 0, (0,) * 1024, {})


def checked(lines: list[str], start: int) -> list[str]:
    """Records with their check words."""
    found, value = [], start
    for line in lines:
        value = zlib.crc32(line.encode(), value)
        found.append(f"{line} ~{(value ^ value >> 16) & 0xFFFF:04x}")
    return found


def log_of(scenarios: int, *, last_unfinished: bool = False, operation: str = "init 1") -> bytes:
    """The log of a boot that plays so many scenarios of one operation."""
    lines = checked(["# marionette-records 1 lab=buddy kernel_base=0xc0000000"], 0)
    for i in range(scenarios):
        run = [f"> {i} s", f"@1 {operation} -> ok", f"< {i}"]
        cut = last_unfinished and i == scenarios - 1
        lines += checked(run[:1] if cut else run, i)
    if not last_unfinished:
        lines += checked([f". scenarios={scenarios}"], 0)
    return ("\n".join(lines) + "\n").encode()


def scenario_of(text: str) -> Scenario:
    return Scenario("buddy", "s", operations(text))


class Machine:
    """Plays up to `ends_after` scenarios a boot, of which the last is not finished."""

    def __init__(self, ends_after: int = 1000) -> None:
        self.ends_after = ends_after
        self.boots: list[int] = []

    def __call__(self, image: Path, script: str, **options: object) -> Boot:
        wanted = script.count("\nscenario ")
        self.boots.append(wanted)
        played = min(wanted, self.ends_after)
        early = wanted > self.ends_after
        return Boot(log_of(played, last_unfinished=early),
                    Ending.RESET if early else Ending.POWER_OFF)


def test_all_in_one_boot() -> None:
    machine = Machine()
    played = list(Player(Path("i"), boot=machine).play([scenario_of("init 1")] * 5))
    assert machine.boots == [5]
    assert all(entry.run.finished for entry in played)


def test_those_that_tell_costs_have_a_boot_of_their_own_where_that_is_compared() -> None:
    machine, boots = Machine(), []
    scenarios = [replace(scenario_of("init 1"), measure=i in (2, 3)) for i in range(5)]

    def boot(image: Path, script: str, **options: object) -> Boot:
        boots.append(options.get("timely"))
        return replace(machine(image, script), dealt=Dealt())

    list(Player(Path("i"), boot=boot, looks=Stream("s")).play(scenarios))
    list(Player(Path("i"), boot=boot, looks=Stream("s"), reference=Path("r")).play(scenarios))
    assert machine.boots == [5, 2, 2, 1, 1]  # of which the fourth is the reference's, of two that are alike
    assert boots == [False, False, True, None, False]


def test_those_of_all_tests_are_together_in_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine()
    works = [Workload(name, [replace(scenario_of("init 1"), measure=i % 2 == 0) for i in range(3)]) for name in ("a", "b")]
    monkeypatch.setattr(Player, "is_timed", lambda player, scenario: scenario.tells_costs)
    found = played(Player(Path("i"), boot=machine), works)
    assert machine.boots == [2, 4]
    assert [[entry.scenario for entry in found[work.test]] for work in works] == [
        [replace(scenario, test=work.test) for scenario in work.scenarios] for work in works]


def test_the_same_operations_alone_are_booted_once_with_each_way_of_watching() -> None:
    machine = Machine()
    player = Player(Path("i"), boot=machine)
    for title, operation, watched in (("a", "init 1", True), ("b", "init 1", True), ("c", "init 1", False),
                                      ("d", "init 2", True)):
        wanted = replace(scenario_of(operation), title=title)
        assert player.play_alone(wanted, watched=watched).scenario == wanted
    assert len(machine.boots) == 3


def test_after_a_hang_the_patience_is_less() -> None:
    told = []

    def boot(image: Path, script: str, **options: object) -> Boot:
        told.append(re.search(r"patience (\d+)\nbudget (\d+)", script).groups())
        lines = [*checked(["# marionette-records 1 lab=buddy kernel_base=0xc0000000"], 0),
                 *checked(["> 0 s", *HANGS[len(told) - 1]], 0), *checked([". scenarios=1"], 0)]
        return Boot(("\n".join(lines) + "\n").encode(), Ending.POWER_OFF)

    tests = [replace(scenario_of("init 1"), test=name) for name in "abc"]
    player = Player(Path("i"), boot=boot, patience=400, hurried_patience=12, budget=5)
    played = list(player.play(tests))
    assert told == [("400", "5"), ("400", "5"), ("12", "5")]
    assert [len(entry.run.stops) for entry in played] == [0, 1, 0]


@pytest.mark.parametrize("lab", labs.all_labs(), ids=lambda lab: lab.slug)
def test_what_never_comes_back_is_found_out_soon(lab: labs.Lab) -> None:
    """Each test plays first what is not large: if an operation hangs in all of them, that does not fill a boot."""
    first = [of_test(lab, function, "1").scenarios[0] for function in lab.graded_tests.values()]
    assert sum(scenario.limit or DEFAULT_LIMIT for scenario in first) < BUDGET // 2


def test_each_scenario_has_its_own_limit_or_all_have_one(tmp_path: Path) -> None:
    def one(stream: Stream, index: int) -> tuple[Operation, ...]:
        return operations(f"init {index + 1}")

    def limits(limit: Limit) -> list[int | None]:
        return [scenario.limit for scenario in generated(one, 2, limit=limit).scenarios(tmp_path, "buddy", "t", "1")]

    assert limits((None, 7)) == [None, 7]
    assert limits(5) == [5, 5]
    with pytest.raises(ValueError, match="argument 2"):
        limits((1, 2, 3))


@pytest.mark.parametrize("ending", [Ending.CPU_TIME, Ending.STANDS_STILL, Ending.WORDLESS, Ending.EVENTS,
                                    Ending.QUESTIONS, Ending.NOWHERE])
def test_of_boots_that_make_no_end_there_are_ten(ending: Ending) -> None:
    booted = []

    def boot(image: Path, script: str, **options: object) -> Boot:
        booted.append(image)
        return Boot(log_of(1, last_unfinished=True), ending)

    tests = [replace(scenario_of("init 1"), test=str(i)) for i in range(100)]
    player = Player(Path("i"), boot=boot)
    played = list(player.play(tests))
    assert len(played) == 100 and len(booted) == 10
    assert played[0].ending is ending
    assert (played[-1].run, played[-1].ending) == (None, Ending.NOTHING_LEFT)
    assert player.play_alone(tests[0]).ending is Ending.NOTHING_LEFT
    player.on_the_reference(Path("reference")).play_alone(tests[0])
    assert booted[-1] == Path("reference")


def test_all_boots_of_a_lab_have_so_much_processor_time_together() -> None:
    """Whoever is right and takes nearly all that a boot may take, for each scenario, once took half an hour."""
    booted = []

    def boot(image: Path, script: str, **options: object) -> Boot:
        booted.append(image)
        return Boot(log_of(1), Ending.POWER_OFF, seconds=19)

    tests = [replace(scenario_of("init 1"), test=str(i)) for i in range(100)]
    player = Player(Path("i"), boot=boot)
    assert not player.left.decided
    played = list(player.play(tests))
    assert len(booted) == LAB_SECONDS // 19 + 1
    assert [played[i].ending for i in (0, -1)] == [Ending.POWER_OFF, Ending.NOTHING_LEFT]
    assert player.left.decided  # by the time it took: that is not remembered


def test_all_boots_of_a_lab_may_show_so_much_memory_together() -> None:
    booted = []

    def boot(image: Path, script: str, **options: object) -> Boot:
        booted.append(image)
        return Boot(log_of(1), Ending.POWER_OFF, dealt=Dealt(records=[log_of(1)], size=LAB_SEEN // 4))

    list(Player(Path("i"), boot=boot).play(replace(scenario_of("init 1"), test=str(i)) for i in range(100)))
    assert len(booted) == 4


@pytest.mark.parametrize(("log", "executed", "booted"), [
    (log_of(1), BUDGET, 100),  # as one does whose operations take long
    (log_of(1), BUDGET - 1, 10),  # an end that is forged
    (log_of(1), 0, 10),  # and one that the kernel never announced
    (log_of(1), None, 100),  # another emulator, of which nobody knows
    (log_of(1, last_unfinished=True), BUDGET, 10),  # none at all
])
def test_whoever_switches_the_machine_off_is_not_booted_for_each_scenario(log: bytes, executed: int | None, booted: int) -> None:
    boots = []

    def boot(image: Path, script: str, **options: object) -> Boot:
        boots.append(image)
        return Boot(log, Ending.POWER_OFF, executed=executed)

    tests = [replace(scenario_of("init 1"), test=str(i)) for i in range(100)]
    assert len(list(Player(Path("i"), boot=boot).play(tests))) == 100
    assert len(boots) == booted


@pytest.mark.parametrize(("goes_on", "ending", "rule"), [(True, Ending.UNTOLD, "a fault that could not be told"),
                                                         (False, Ending.POWER_OFF, "the log ends early")])
def test_a_scenario_that_the_kernel_gave_up_without_a_word_is_said_to_be(goes_on: bool, ending: Ending, rule: str) -> None:
    log = log_of(1, last_unfinished=True) + goes_on * ("\n".join(checked([". scenarios=1"], 0)) + "\n").encode()
    player = Player(Path("i"), boot=lambda *_, **__: Boot(log, Ending.POWER_OFF))
    (entry,) = player.play([scenario_of("init 1")])
    assert entry.ending is ending
    assert judge(entry.scenario, entry.run, entry.ending, labs.find("buddy").new_oracle(0xC0000000)).rule == rule


def test_a_boot_that_ends_early_is_followed_by_another() -> None:
    machine = Machine(ends_after=2)
    tests = [replace(scenario_of("init 1"), test=name) for name in "abcde"]
    played = list(Player(Path("i"), boot=machine).play(tests))
    assert machine.boots == [5, 3, 1]
    assert [entry.run.finished for entry in played] == [True, False, True, False, True]
    assert [entry.ending for entry in played][1] is Ending.RESET


def test_the_rest_of_a_test_that_is_decided_is_passed_over() -> None:
    machine = Machine(ends_after=2)
    tests = [replace(scenario_of("init 1"), test=name) for name in "abbbc"]
    played = list(Player(Path("i"), boot=machine).play(tests))
    assert machine.boots == [5, 1]
    assert [entry.run.finished if entry.run else None for entry in played] == [
        True, False, None, None, True]


def test_nothing_is_booted_before_it_is_asked_for() -> None:
    machine = Machine(ends_after=1)
    played = Player(Path("i"), boot=machine).play([scenario_of("init 1")] * 5)
    assert machine.boots == []
    next(played)
    assert machine.boots == [5]


def test_batches_fit_into_the_kernel() -> None:
    long = scenario_of("\n".join(["init 1"] * 15_000))  # some 100 KiB
    sizes = [len(batch) for batch in batches([long] * 5)]
    assert sizes == [2, 2, 1]
    assert 2 * len(long.text) < MAX_SCRIPT


LOG = log_of(1, operation="inspect")
BEFORE = LOG.index(b"@1 inspect")


@pytest.mark.parametrize(("ending", "damaged"), [(Ending.CPU_TIME, False), (Ending.NOWHERE, False),
                                                 (Ending.OUTPUT, False), (Ending.RESET, True)])
def test_who_used_up_its_time_is_not_accused_of_what_nobody_heard(ending: Ending, damaged: bool) -> None:
    """Of an emulator that is ended by a limit, what was heard is a moment old: it may have been looked at since."""
    boot = Boot(LOG[:BEFORE], ending, snapshots=[replace(NOTHING, log_size=BEFORE)],
                dealt=Dealt([b"\n".join([*records.read(LOG[:BEFORE]).records, b""]), b"@1 inspect -> ok\n"]))
    (entry,) = Player(Path("i"), boot=lambda *_, **__: boot).play([scenario_of("inspect")])
    assert bool(entry.damage) is damaged


@pytest.mark.parametrize(("sizes", "says"), [
    ([BEFORE], ""),
    ([BEFORE - 1], ""),  # the record had to begin a new line
    ([], "the machine stood still 0 times to be looked at, and the records tell of 1, "
         "1 of them at other times"),
    ([BEFORE - 2], "stood still 1 times to be looked at, and the records tell of 1, 1 of them at"),
    ([BEFORE, BEFORE], "the machine stood still 2 times to be looked at, and the records tell of 1"),
    ([0, BEFORE, len(LOG)], "3 times"),
])
def test_the_machine_stands_still_where_the_records_say(sizes: list[int], says: str) -> None:
    boot = Boot(LOG, Ending.POWER_OFF, None, [replace(NOTHING, log_size=size) for size in sizes])
    (entry,) = Player(Path("i"), boot=lambda *_, **__: boot).play([scenario_of("inspect")])
    assert bool(entry.run.records[0].snapshot) == (BEFORE in sizes or BEFORE - 1 in sizes)
    assert says in entry.damage
    assert bool(entry.damage) == bool(says)


def test_code_that_is_not_the_images_is_everybodys_business() -> None:
    boot = Boot(log_of(3), Ending.POWER_OFF, foreign="the CPU ran something")
    played = Player(Path("i"), boot=lambda *_, **__: boot).play([scenario_of("init 1")] * 3)
    assert [entry.damage for entry in played] == ["the CPU ran something"] * 3
