"""Scenarios that are played apart begin as in a boot of their own, whatever was played before them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import ROOT, skeleton

from grader.building import build, stage, symbols
from grader.course import labs
from grader.emulators import qemu
from grader.emulators.apart import Apart
from grader.grading.play import Played, Player
from grader.grading.stage_grading import PUBLIC_SEED, StageGrading
from grader.scenarios.scenario import Scenario, operations

# In kvmalloc's place: marks the memory that it hands out, and panics if it was marked before.
MARKS = """
static void *unmarked(size_t n_pages);

void *kvmalloc(size_t n_pages)
{
    auto word = static_cast<volatile uint32_t *>(unmarked(n_pages));
    if (word && *word == 0x5eed)
        panic("that was handed out before");
    if (word)
        *word = 0x5eed;
    return const_cast<uint32_t *>(word);
}

static void *unmarked(size_t n_pages)
"""


def scenario(lab: str, text: str, title: str = "s") -> Scenario:
    return Scenario(lab, title, operations(text))


def outcomes(played: Played) -> list[str]:
    """What came of each operation, and what stopped any."""
    return [record.outcome for record in played.run.records] + [stop.kind for stop in played.run.stops]


class Boots:
    """QEMU's, and how many scenarios each was to play."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sizes: list[int] = []
        boot = qemu.boot

        def counted(image: Path, script: str, **options: object):
            self.sizes.append(script.count("\nscenario "))
            return boot(image, script, **options)

        monkeypatch.setattr(qemu, "boot", counted)


@pytest.fixture
def boots(monkeypatch: pytest.MonkeyPatch) -> Boots:
    return Boots(monkeypatch)


def player(image: Path) -> Player:
    return Player(image, watched=False, boot=qemu.boot)


# ---- Real boots ----

def test_no_memory_that_an_earlier_scenario_left_is_seen(toolchain: build.Toolchain, tmp_path: Path,
                                                         boots: Boots) -> None:
    source = tmp_path / "kvmalloc.cpp"
    reference = (ROOT / "solutions/mm/kvmalloc.cpp").read_text()
    source.write_text('#include "lib/panic.h"\n' + reference.replace("void *kvmalloc(size_t n_pages)\n", MARKS))
    image = build.image(toolchain, {"kvmalloc.cpp": source})
    wanted = [scenario("kvmalloc", f"boot\n{name} = alloc 1\n") for name in "abc"]  # the same frame, three times
    shared = player(image).play(wanted)
    assert [bool(played.run.stops) for played in shared] == [False, True, True]
    boots.sizes.clear()
    together = player(image)
    together.play_apart(wanted)
    assert [outcomes(together.play_alone(one, watched=False)) for one in wanted] == \
        [outcomes(player(image).play_alone(one, watched=False)) for one in wanted]
    assert boots.sizes == [3, 1, 1, 1]
    assert not any(together.play_alone(one, watched=False).run.stops for one in wanted)


def test_the_others_are_played_whatever_becomes_of_one(toolchain: build.Toolchain, tmp_path: Path,
                                                       boots: Boots) -> None:
    source = tmp_path / "buddy.cpp"
    source.write_text(skeleton("if (max == 1) for (;;) asm(\"\"); if (max == 2) *(volatile int *)0xdead0000 = 0; "
                               "return 0;"))
    image = build.image(toolchain, {"buddy.cpp": source}, gated=False)
    together = player(image)
    wanted = [scenario("buddy", f"init 8\nalloc 1 {most}\n") for most in (1, 2, 3)]
    together.play_apart(wanted)
    assert [outcomes(together.play_alone(one, watched=False))[-1] for one in wanted] == \
        ["hang", "exception", "count=0"]
    assert boots.sizes == [3]


# Ring 0 may then write where it may only read.
WRITABLE = 'asm volatile("movl %%cr0, %%eax; andl $~0x10000, %%eax; movl %%eax, %%cr0" ::: "eax");'


def test_after_damage_to_the_kernel_there_is_another_boot(toolchain: build.Toolchain, tmp_path: Path,
                                                          boots: Boots) -> None:
    source = tmp_path / "buddy.cpp"
    source.write_text(skeleton("if (max == 1) { " + WRITABLE + " *(volatile int *)KERNEL_BASE = 0; } return 0;"))
    image = build.image(toolchain, {"buddy.cpp": source}, gated=False)
    together = player(image)
    wanted = [scenario("buddy", f"init 8\nalloc 1 {most}\n") for most in (1, 2, 3)]
    together.play_apart(wanted)
    assert boots.sizes == [3, 2]
    assert all(together.play_alone(one).finished for one in wanted)
    assert boots.sizes == [3, 2, 1, 1, 1]  # those are watched


def test_all_failures_of_a_lab_are_confirmed_in_one_boot(toolchain: build.Toolchain, tmp_path: Path,
                                                         boots: Boots) -> None:
    (tmp_path / "buddy.cpp").write_text(skeleton("*start = 0; return max;"))
    graded = StageGrading(stage.alone(labs.find("buddy")), tmp_path, toolchain, PUBLIC_SEED, boot=qemu.boot, rounds=0)
    failed = [outcome for outcome in graded.run(graded.workloads()).values() if outcome.finding]
    assert len(failed) > 5
    once, confirmed, on_the_reference = boots.sizes  # nothing was shortened: no boot for what came of it
    assert confirmed == len({outcome.failing.content for outcome in failed})
    assert on_the_reference == len(failed) < once


# ---- The memory itself ----

@pytest.fixture
def ram(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The memory of a machine: 4 MiB, with a kernel in it whose variables lie from 0x102000 to 0x104000."""
    table = {"image_start": 0xC0000000, "writable_start": 0xC0002000, "writable_end": 0xC0004000,
             "image_end": 0xC0005000}
    monkeypatch.setattr(symbols, "global_table", lambda image: table)
    file = os.memfd_create("ram")
    os.truncate(file, 4 << 20)
    for begin in (0x7000, 0x100000, 0x102000, 0x104000, 0x200000):
        os.pwrite(file, b"first", begin)
    yield file
    os.close(file)


@pytest.mark.parametrize("address", [0, 0x7000, 0x7FFF, 0xFFFFB, 0x105000, 0x200000, 0x300000, (4 << 20) - 5])
def test_what_is_not_the_kernels_is_put_back(ram: int, address: int) -> None:
    apart = Apart(Path("image"), ram)
    before = os.pread(ram, 4 << 20, 0)
    assert apart.put_back()
    os.pwrite(ram, b"later", address)
    assert apart.put_back()
    assert os.pread(ram, 4 << 20, 0) == before


@pytest.mark.parametrize("address", [0x102000, 0x103FFB])
def test_its_variables_are_its_own_business(ram: int, address: int) -> None:
    apart = Apart(Path("image"), ram)
    assert apart.put_back()
    os.pwrite(ram, b"later", address)
    assert apart.put_back()
    assert os.pread(ram, 5, address) == b"later"


@pytest.mark.parametrize("address", [0x100000, 0x101FFB, 0x104000, 0x104FFB])
def test_its_code_and_constants_can_not_be_helped(ram: int, address: int) -> None:
    apart = Apart(Path("image"), ram)
    assert apart.put_back()
    os.pwrite(ram, b"later", address)
    assert not apart.put_back()
