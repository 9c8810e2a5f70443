"""Bochs, the second emulator: the same records as QEMU's, the same verdicts, and what really differs."""

from __future__ import annotations

import os
import re
import select
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ALL, ROOT, SKELETON, mutant_text, skeleton, tool_folder
from machines import LABS, SEED, STOPS, comparable, played, sample, told, workloads

from grader.building import build, iso, sandbox, stage
from grader.course import labs
from grader.course.labs import Lab
from grader.emulators import bochs, bochs_debugger, machine, qemu
from grader.errors import Infrastructure
from grader.evidence import records
from grader.evidence.records import Record, Run
from grader.grading.stage_grading import StageGrading
from grader.grading.workloads import Workload
from grader.grading.play import Player
from grader.judging.judge import Ending, judge
from grader.mutants import both_machines, sources
from grader.mutants.scoring import Mark
from grader.scenarios import scenario
from grader.scenarios.scenario import Scenario

pytestmark = pytest.mark.skipif(not shutil.which(bochs.PROGRAM), reason="Bochs is not installed")


# ---- the same records ----

UNDISTURBED = 3_500_000  # instructions, that an operation takes before the watchdog's interrupt comes in between,
BARK = 100  # more than that takes (kernel/player/stop.cpp)


def cost(record: Record) -> int | None:
    """The instructions that a record tells of."""
    return record.results.get("sum") if record.verb == "loud" else record.cost


def same_cost(run: Run, ours: Record, theirs: Record) -> bool:
    """Exactly, but that the watchdog barks at other moments, and the oftener the longer it takes; within two hundredths
    where the run depends on where the machine's free memory lies, and the start itself, which goes through all of it, a
    twentieth."""
    a, b = cost(ours), cost(theirs)
    if not run.records[0].verb.startswith("boot") or not (a and b):
        return a == b or (a and b and abs(a - b) <= BARK * (min(a, b) // UNDISTURBED))
    if ours.verb.startswith("boot"):
        return abs(a - b) * 20 <= b
    return abs(a - b) * 50 <= b


@pytest.mark.parametrize("slug", LABS)
def test_both_write_the_same_records(slug: str, reference_image: Path) -> None:
    """Instruction counts included; with TESTS=all, of everything that the lab's graded tests play."""
    lab = labs.find(slug)
    every = {id(s): s for work in workloads(lab) for s in work.scenarios}  # a trace that tests share is one object
    scenarios = list(every.values()) if ALL else sample(lab)
    here, there = (played(emulator, reference_image, scenarios) for emulator in (bochs, qemu))
    assert [run.title for run in here] == [s.title for s in scenarios]
    counted = 0
    for ours, theirs in zip(here, there, strict=True):
        assert [comparable(r) for r in ours.records] == [comparable(r) for r in theirs.records]
        for a, b in zip(ours.records, theirs.records, strict=True):
            assert same_cost(ours, a, b), (ours.title, a.line, b.line)
            counted += cost(a) is not None
    assert slug not in ("buddy", "malloc", "paging") or counted


def test_page_tables_are_seen_alike(reference_image: Path) -> None:
    """Not the frames, which may be others, but what is mapped, with which rights, and how."""
    lab = labs.find("paging")
    wanted = Scenario(lab.slug, "t", scenario.operations(
        "boot\nd = create\nmap d 0x100000 0x400000 1100 7\ninspect\nswitch d\n"
        "map d 0 0x402000 3 0\nk = area 2\nmap 0 0x200000 k 2 1\ninspect"))
    seen = []
    for emulator in bochs, qemu:
        (run,) = played(emulator, reference_image, [wanted])
        snapshots = [record.snapshot for record in run.records if record.snapshot]
        seen.append([{page: flags for page, _, flags in snapshot.pages()} for snapshot in snapshots])
        user = [(page, frame) for page, frame, _ in snapshots[1].pages(0, 0x2FF)]
        assert len(user) == 1097
        assert {page - frame for page, frame in user} == {0x300000}
        assert snapshots[0].cr3 != snapshots[1].cr3
    assert seen[0] == seen[1]


# ---- what stops an operation ----

def test_what_stops_an_operation_is_told_alike(toolchain: build.Toolchain, buddy: Lab,
                                               submission: Callable) -> None:
    """Loops (with interrupts off, too), exceptions, panics, a wrecked stack, and at last a triple
    fault: records, registers, backtraces, and where the machine reset itself."""
    text = SKELETON.replace("    BODY", STOPS)
    image = build.image(toolchain, {"buddy.cpp": submission(text) / "buddy.cpp"}, gated=False)
    scenarios = [Scenario(buddy.slug, f"s{i}", scenario.operations(f"init 8\nalloc {i} 9"),
                          test=f"t{i}") for i in range(1, 10)]
    here, there = (emulator.boot(image, scenario.script(scenarios), trace=True)
                   for emulator in (bochs, qemu))
    assert here.ending is there.ending is Ending.RESET
    assert here.fault == there.fault
    ours, theirs = (list(map(told, records.read(boot.log).runs)) for boot in (here, there))
    assert ours == theirs
    stops = [stops[0].kind for _, stops in ours if stops]
    assert stops == ["hang", "hang", "exception", "panic", "exception", "todo", "exception"]


def test_an_operation_may_be_long_if_its_scenario_says_so(toolchain: build.Toolchain, buddy: Lab,
                                                          submission: Callable) -> None:
    """The watchdog barks every few million instructions, and waits on until the limit."""
    body = 'for (size_t i = 0; i < min * 1000000; i++) asm volatile("" : "+r"(i)); return 0;'
    image = build.image(toolchain, {"buddy.cpp": submission(skeleton(body)) / "buddy.cpp"},
                        gated=False)
    wanted = Scenario(buddy.slug, "t", scenario.operations("init 8\nalloc 4 4\nalloc 9 9"),
                      limit=20_000_000)
    boot = bochs.boot(image, scenario.script([wanted]))
    (run,) = records.read(boot.log).runs
    assert [record.verb for record in run.records] == ["init", "alloc"]
    assert (run.stops[0].kind, run.stops[0].number) == ("hang", 3)


def test_the_backstop_counts_instructions(toolchain: build.Toolchain, buddy: Lab,
                                          submission: Callable,
                                          monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the watchdog does not bark, the boot as a whole has its limit."""
    image = build.image(toolchain, {
        "buddy.cpp": submission(skeleton('for (;;) asm volatile("");')) / "buddy.cpp"}, gated=False)
    endless = Scenario(buddy.slug, "t", scenario.operations("init 8\nalloc 1 1"))
    monkeypatch.setattr(bochs, "OPTIONS", "")
    monkeypatch.setattr(bochs, "INSTRUCTIONS", 90_000_000)
    boot = bochs.boot(image, scenario.script([endless]))
    assert boot.ending is Ending.CPU_TIME
    (run,) = records.read(boot.log).runs
    assert not run.finished


def test_what_bochs_can_not_go_on_with_is_the_kernels_doing(toolchain: build.Toolchain, buddy: Lab,
                                                            submission: Callable) -> None:
    """The port at which a BIOS gives up."""
    body = 'asm volatile("outw %%ax, %%dx" : : "a"(7), "d"(0x401)); return 0;'
    image = build.image(toolchain, {"buddy.cpp": submission(skeleton(body)) / "buddy.cpp"},
                        gated=False)
    wanted = Scenario(buddy.slug, "t", scenario.operations("init 8\nalloc 1 1"))
    (entry,) = Player(image, boot=bochs.boot).play([wanted])
    assert entry.ending is Ending.GAVE_UP
    finding = judge(wanted, entry.run, entry.ending, buddy.new_oracle(toolchain.kernel_base))
    assert (finding.verdict.value, finding.operation) == ("crash", 2)
    assert finding.seen == "the emulator could not go on with what the kernel did"


# ---- grading ----

def graded(lab: Lab, folder: Path, toolchain: build.Toolchain,
           works: list[Workload]) -> dict[str, tuple[str, str]]:
    """Each test's verdict and headline in Bochs, without shrinking."""
    outcomes = StageGrading(stage.alone(lab), folder, toolchain, SEED, boot=bochs.boot, rounds=0).run(works)
    return {test: (outcome.finding.verdict.value, outcome.finding.rule) if outcome.finding
            else ("pass", "") for test, outcome in outcomes.items()}


def test_the_verdicts_are_those_of_one_boot_a_test(toolchain: build.Toolchain,
                                                   tmp_path: Path) -> None:
    lab = labs.find("buddy")
    (tmp_path / "buddy.cpp").write_text(mutant_text("buddy", "forgets_the_rest"))
    works = [work for work in workloads(lab) if work.test in ("starts_empty", "rest_of_block", "largest_block")]
    together = graded(lab, tmp_path, toolchain, works)
    alone = {}
    for work in works:
        alone |= graded(lab, tmp_path, toolchain, [work])
    assert together == alone
    assert {verdict for verdict, _ in together.values()} == {"pass", "fail"}


def test_grades_in_bochs(grade: Callable) -> None:
    """From the command line, with the emulator and its version in the results."""
    found = grade(ROOT / "solutions", "--lab", "vpalloc", "--emulator", "bochs")
    assert found.status == 0, found.output
    assert (found.results["score"], found.results["emulator"]) == (100, "bochs")
    assert re.fullmatch(r"\d+\.\d+", found.results["tools"]["bochs"])


def test_nothing_is_written_to_it_while_the_machine_runs(tmp_path: Path) -> None:
    """Its terminal reads the same input, and takes what comes then for the machine's keyboard."""
    with bochs_debugger.Debugger(None, 0, tmp_path / "log", budget=100) as debugger:
        commands, answers = os.fdopen(os.dup(debugger.stdin), "rb", 0), os.fdopen(os.dup(debugger.descriptors[0]), "wb", 0)
        ahead, said = [], {b"? 0x5eed\n": b"0x5eed 24301\n", b"? eip\n": b"0x1000 4096\n", b"ptime\n": b"ptime: 7\n",
                       b"c\n": b"(0) Breakpoint 1\nNext at t=7\n"}

        def emulator() -> None:
            with commands, answers:
                for command in iter(commands.readline, b"quit\n"):
                    if command == b"c\n":
                        ahead.append(select.select([commands], [], [], 0)[0])
                    answers.write(command + said.get(command, b""))

        thread = threading.Thread(target=emulator, daemon=True)
        thread.start()
        debugger.watch()
        thread.join()
    assert ahead == [[]] and debugger.shut_down and debugger.last == 0x1000


@pytest.mark.parametrize("missing", ["bochs-bin", "grub-mkrescue"])
def test_without_its_tools_there_is_no_score(missing: str, reference_image: Path, tmp_path: Path,
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tool_folder(tmp_path / "bin")
    for name in {"bochs-bin", "grub-mkrescue"} - {missing}:
        (folder / name).symlink_to(shutil.which(name))
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(Infrastructure, match=f"{missing} is not installed. `make setup`"):
        bochs.boot(reference_image, "")


def test_without_its_bios_there_is_no_score(reference_image: Path, tmp_path: Path,
                                            monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bochs, "ROMS", tmp_path)
    with pytest.raises(Infrastructure, match="BIOS-bochs-legacy is missing. `make setup`"):
        bochs.boot(reference_image, "")


# A Bochs that looks at nothing it is asked, and tells how it was called.
FAKE = """#!/bin/sh
[ "$1" = --help ] && echo "{help}" && exit
echo "$@" >&2
echo '# marionette-records 1 lab=buddy' >{log}
"""


@pytest.mark.parametrize(("listed", "log", "says"), [
    ("  -debugger        start Bochs internal debugger", "/dev/null", r"Bochs failed .* -f bochsrc -debugger -dbglog"),
    ("  -dbglog filename   for the debugger", "/dev/null", r"Bochs failed .* -f bochsrc -dbglog"),
    ("  -dbglog filename   for the debugger", "log", "debugger does not answer"),
], ids=["has to be asked for", "is always there", "is silent"])
def test_the_debugger_is_asked_for_where_it_must_be(reference_image: Path, tmp_path: Path, listed: str, log: str,
                                                    says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bochs 3 runs without its debugger unless it is asked for, and then sees no stop."""
    folder = tool_folder(tmp_path / "bin")
    (folder / bochs.PROGRAM).write_text(FAKE.format(help=listed, log=log))
    (folder / bochs.PROGRAM).chmod(0o755)
    (folder / "env").symlink_to(shutil.which("env"))
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(iso, "write", lambda *_: None)
    monkeypatch.setattr(sandbox, "degraded", lambda: "there is no bubblewrap in that folder")
    with pytest.raises(Infrastructure, match=says):
        bochs.boot(reference_image, "")


def test_an_emulator_that_there_is_not(grade: Callable) -> None:
    found = grade(ROOT / "solutions", "--emulator", "vmware")
    assert found.status == 2
    assert "EMULATOR=vmware: there is no such emulator, only qemu, bochs, v86" in found.output
    assert "Traceback" not in found.output


def test_both_come_to_the_same_verdicts(toolchain: build.Toolchain) -> None:
    """A sample of what `make emulators` compares, in the lab that Bochs grades most quickly."""
    lab = labs.find("vpalloc")
    compared = both_machines.compared(toolchain, lab, sources.written(lab)[0], SEED, ("qemu", "bochs"))
    assert compared.marks.keys() == {"qemu", "bochs"}
    assert compared.failed > 0
    assert compared.differences == []


def test_a_difference_is_told(buddy: Lab) -> None:
    def mark(verdict: str, headline: str) -> list[Mark]:
        return [Mark("a", "pass", 4, 0), Mark("b", verdict, 0, 8, headline)]

    mutant = sources.find(buddy, "forgets_the_rest")
    found = both_machines.Compared(mutant, {"qemu": mark("fail", "x"), "bochs": mark("hang", "y")})
    assert found.differences == ["b: qemu fail 0 (x), bochs hang 0 (y)"]
    assert found.failed == 1
