"""What the other emulators' tests compare with QEMU: what is played, and what of it has to be alike."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from grader.course import labs
from grader.course.labs import Lab
from grader.emulators import machine
from grader.evidence import records
from grader.evidence.records import Record, Run
from grader.grading.workloads import Workload, of_test
from grader.judging.judge import Ending
from grader.scenarios import scenario
from grader.scenarios.scenario import Scenario

SEED = "1"
LABS = [lab.slug for lab in labs.all_labs()]


def workloads(lab: Lab) -> list[Workload]:
    """What the lab's graded tests play."""
    return [of_test(lab, function, SEED) for function in lab.graded_tests.values()]


def sample(lab: Lab) -> list[Scenario]:
    """What each of the lab's tests plays last: fixed or generated, with looks at the tables where it has any."""
    return [work.scenarios[-1] for work in workloads(lab)]


LONGEST_SCRIPT = 256 << 10  # bytes that the kernel takes


def played(emulator: machine.Emulator, image: Path, scenarios: list[Scenario]) -> list[Run]:
    """The runs of one boot, or of as few as the script's length allows, looked at where they stop for it."""
    script = scenario.script(scenarios, key=7)
    if len(script) >= LONGEST_SCRIPT:
        half = len(scenarios) // 2
        return [run for part in (scenarios[:half], scenarios[half:]) for run in played(emulator, image, part)]
    boot = emulator.boot(image, script, inspect=True)
    assert boot.ending is Ending.POWER_OFF
    log = records.read(boot.log, key=7)
    assert log.complete
    assert records.attach(log, boot.snapshots) == ""
    assert not any(run.output for run in log.runs)
    return log.runs


# What another memory map, and the script a page lower in memory, change (docs/emulators.md), and what lies in
# memory that nobody has written to.
PLACES = {"machine_region": ("count", "base", "length", "type"),
          "machine_reserved": ("count", "start", "end"), "mapped": ("sum",), "sum": ("sum",)}


def comparable(record: Record) -> tuple:
    """A record without what really differs between the machines, and without costs."""
    results = {name: value for name, value in record.results.items()
               if name not in (*PLACES.get(record.verb, ()), "cost")}
    if record.verb == "loud":
        del results["sum"]
    return record.number, record.verb, record.arguments, results, record.panicked, record.refused


# A buddy_alloc that stops in another way for each number.
STOPS = """
    if (min == 1) for (;;) asm volatile("");
    if (min == 2) asm volatile("cli; hlt");
    if (min == 3) *(volatile int *)0x12345678 = 1;
    if (min == 4) panic("no %u", unsigned(max));
    if (min == 5) { volatile char more[500]; more[0] = 5; return buddy_alloc(b, more[0], max, start); }
    if (min == 6) todo();
    if (min == 7) asm volatile("ud2");
    if (min == 9) { struct [[gnu::packed]] { short limit; int base; } none{0, 0};
        asm volatile("lidt %0; int3" : : "m"(none)); }
    return 0;
"""


# Where the caller, by the compiler's choice, may keep when the call began.
CALLERS_OWN = "ebx", "esi", "edi"


def told(run: Run) -> tuple:
    """All that a run's records tell, but for registers that are not the submission's."""
    return list(map(comparable, run.records)), [
        replace(stop, registers={name: value for name, value in stop.registers.items() if name not in CALLERS_OWN})
        for stop in run.stops]
