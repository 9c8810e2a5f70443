"""A machine that says nothing any more is ended by the instructions it executed, however fast or slow the host is."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path

import corpus
import pytest
from corpus import work

from grader.building import build
from grader.course import labs
from grader.emulators import qemu
from grader.emulators.machine import Boot
from grader.emulators.ports import Ring
from grader.emulators.qmp import Attendant
from grader.emulators.silence import Silence
from grader.judging.judge import Ending
from grader.scenarios import scenario
from grader.scenarios.scenario import Scenario

LIMIT, BESIDE = 3_500_000, 50_000_000
HEAD = "marionette-scenario 1\nlab malloc\n"
SCRIPT = HEAD + """\
patience 3
test first
scenario one
limit 100000000 kvinit
malloc 5
name = kvinit
test second
scenario two
limit 10
quiet
malloc 1
malloc 2
loud
malloc 3
"""
BEGUN = b"# marionette-records 1 ~0000\n> 0 one ~0000\n"


@pytest.mark.parametrize(("log", "dealt", "longest"), [
    (BEGUN, False, 10_500_080),  # eight for each byte of two blocks
    (BEGUN + b"@1 malloc 5 -> ok ~0000\n", False, 100_000_080),  # and what may take longer is not multiplied
    (BEGUN + b"@1 malloc 5 -> ok ~0000\n@2 kvinit -> ok ~0000\n", False, 0),
    (BEGUN + b"< 0 ~0000\n> 1 two ~0000\n", False, 30 + 48),
    (BEGUN + b"@9 malloc 5 -> ok ~0000\n" * 300 + b"< 0 ~0000\n> 1 two ~0000\n", False, 30 + 48),  # nothing of it was done
    (BEGUN + b"> 1 two ~0000\n@1 quiet -> ok ~0000\n", False, 3 * (30 + 48)),  # three operations leave a record together
    (BEGUN + b"> 1 two ~0000\n@1 quiet -> ok ~0000\n@4 loud -> ok ~0000\n", False, 30 + 48),
    (BEGUN + b"> 1 two ~0000\n@1 quiet -> ok ~0000\n", True, 3 * (30 + 48)),
    (b"", False, 100_000_080),
    (BEGUN + b"> 77 forged ~0000\n", False, 100_000_080),
])
def test_so_long_may_a_machine_be_silent(log: bytes, dealt: bool, longest: int) -> None:
    silence = Silence(SCRIPT, dealt)
    assert silence.allowed(log) == 2 * longest + BESIDE
    assert not silence.is_too_long(log, 0, 2 * longest + BESIDE)
    assert silence.is_too_long(log, 0, 2 * (2 * longest + BESIDE) + 1)


def test_of_a_quiet_stretch_that_is_dealt_no_more_than_a_portion_is_waited_for() -> None:
    stretch = HEAD + "\n".join(["scenario s", "quiet", *["malloc 1"] * 1000, "loud", ""])
    log = b"> 0 s ~0000\n@1 quiet -> ok ~0000\n"
    assert Silence(stretch, dealt=False).allowed(log) == 2 * 1001 * (LIMIT + 16) + BESIDE
    assert Silence(stretch, dealt=True).allowed(log) == 2 * 8 * (LIMIT + 16) + BESIDE


@pytest.mark.parametrize("lab", labs.all_labs(), ids=lambda lab: lab.slug)
def test_no_operation_of_a_graded_scenario_is_waited_for_less_than_its_limit(lab: labs.Lab) -> None:
    for played in (each for test in lab.tests for each in work(lab, test.name, "7").scenarios):
        silence = Silence(scenario.script([played], patience=2), dealt=False)
        first = {operation.verb: number for number, operation in reversed(list(enumerate(played.operations)))}
        for verb, before in first.items():
            log = b"> 0 s ~0000\n@%d x -> ok ~0000\n" % before
            assert silence.allowed(log) >= 2 * _limit(played, verb) + BESIDE


def _limit(played: Scenario, verb: str) -> int:
    """As docs/scenarios.md has it: with a patience of two, which is not for what may take longer than others, nor for
    memory."""
    return _beside_memory(played, verb) + 8 * _bytes(played, verb)


def _bytes(played: Scenario, verb: str) -> int:
    """Of the largest block that an operation of these asks for."""
    place, unit = {"malloc": (0, 1), "reserve": (0, 1), "realloc": (1, 1), "alloc": (0, 4096)}.get(verb, (0, 0))
    if played.lab not in ("malloc", "kvmalloc"):
        return 0
    sizes = (size for operation in played.operations if operation.verb == verb
             for size in operation.arguments[place:place + 1])
    return max((min(unit * scenario.number(size), 32 << 20) for size in sizes if scenario.is_number(size)), default=0)


def _beside_memory(played: Scenario, verb: str) -> int:
    if played.limit and played.limited:
        return max(played.limit, 2 * LIMIT) if verb in played.limited else 2 * LIMIT
    return 2 * (played.limit or LIMIT)


def test_whatever_is_heard_is_a_sign_of_life() -> None:
    silence = Silence(f"{HEAD}scenario s\nfree 0\n", dealt=True)
    most = 2 * LIMIT + BESIDE  # and nothing for memory: free is of null
    assert not silence.is_too_long(b"> 0 s ~0000\n", 1, most)
    assert not silence.is_too_long(b"> 0 s ~0000\n", 2, 2 * most)  # it asked
    assert not silence.is_too_long(b"> 0 s ~0000\nhello", 2, 3 * most)  # it printed
    assert not silence.is_too_long(b"> 0 s ~0000\nhello", 2, 4 * most)
    assert silence.is_too_long(b"> 0 s ~0000\nhello", 2, 4 * most + 1)


def test_a_silent_machine_is_ended() -> None:
    attendant = Attendant(Ring(), 32, inspect=False, contents=0, most=1000, stops=1,
                          script=f"{HEAD}scenario s\ninit 1\n")
    emulator, executed = attendant._theirs.dup(), count(0, 10_000_000)

    def speak() -> None:
        """As an emulator does whose machine executes so many instructions between two glances."""
        with emulator, emulator.makefile("rb") as commands:
            for command in commands:
                answer = {"icount": next(executed)} if b"query-replay" in command else ""
                emulator.sendall(json.dumps({"return": answer}).encode() + b"\n")
                if b"quit" in command:
                    return

    speaker = threading.Thread(target=speak)
    speaker.start()
    attendant.watch()
    speaker.join()
    assert attendant.ending is Ending.WORDLESS
    assert next(executed) == 70_000_000


@pytest.fixture
def boot_of(toolchain: build.Toolchain, tmp_path: Path) -> Callable[..., Boot]:
    """Boots an attack on lab 1, at its first scenario."""
    def boot(name: str, dealt: bool) -> Boot:
        hostile = next(each for each in corpus.attacks() if each.name == name)
        (tmp_path / "buddy.cpp").write_text(corpus.filled_in(hostile, tmp_path, toolchain), encoding="utf-8")
        first = work(labs.find("buddy"), "starts_empty", "1").scenarios[:1]
        return qemu.boot(build.image(toolchain, {"buddy.cpp": tmp_path / "buddy.cpp"}), scenario.script(first),
                         dealt={} if dealt else None)
    return boot


@pytest.mark.parametrize("dealt", [False, True])
def test_who_puts_the_watchdog_out_of_action_is_not_waited_for(boot_of: Callable[..., Boot], dealt: bool) -> None:
    """It took a boot's processor time, 20 seconds, and three each in all of its lab's later ones."""
    assert boot_of("buddy/own_interrupt_table", dealt).ending is Ending.WORDLESS


@pytest.mark.parametrize("dealt", [False, True])
def test_who_runs_where_no_memory_is_is_not_waited_for(boot_of: Callable[..., Boot], dealt: bool) -> None:
    """One instruction at a time, each fetched anew: its emulator hears nobody, and took all the processor time there was."""
    boot = boot_of("buddy/paging_off", dealt)
    assert boot.ending is Ending.NOWHERE
    assert boot.log.startswith(b"> 0 starts-empty") or b"\n> 0 " in boot.log
    assert boot.foreign.startswith("the CPU ")  # by what QEMU takes for code there
