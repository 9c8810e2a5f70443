"""Machines larger than those that grade: 3.5 GiB, with the largest first states there are."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from conftest import make_kernel

from grader.building import build
from grader.course import labs
from grader.grading.play import BUDGET, Played, Player
from grader.judging.judge import judge
from grader.scenarios import scenario

MIB = 1 << 20


def played(image: Path, lab: str, name: str, memory: int) -> list[Played]:
    """What came of the scenarios of one of the lab's files, on a machine of so many MiB."""
    path = labs.find(lab).folder / "scenarios" / f"{name}.scenario"
    return Player(image, memory=memory).play(scenario.load(path))


def symbol(image: Path, name: str) -> int:
    """The value of a symbol of the image."""
    lines = subprocess.run(["i686-linux-gnu-nm", str(image)], capture_output=True, text=True,
                           check=True).stdout.splitlines()
    return next(int(line.split()[0], 16) for line in lines if line.split()[-1] == name)


@pytest.fixture(scope="module", params=["0xC0000000", "0x40000000"])
def image(request: pytest.FixtureRequest) -> Path:
    """The reference, with the kernel's part of the address space of the usual and largest size."""
    return build.image(build.Toolchain.load(make_kernel(request.param)), {})


@pytest.mark.parametrize("memory", [32, 3584])
@pytest.mark.parametrize(("lab", "name"), [("ppalloc", "machine"), ("vpalloc", "kernel-range")])
def test_the_allocators_start(image: Path, lab: str, name: str, memory: int) -> None:
    for entry in played(image, lab, name, memory):
        assert judge(entry.scenario, entry.run, entry.ending, labs.find(lab).oracle.Oracle()) is None


def test_what_was_loaded_is_reserved(image: Path) -> None:
    """The first MiB, the kernel's image, the module with the scenario."""
    [entry] = played(image, "ppalloc", "machine", 3584)
    reserved = [(r.results["start"], r.results["end"]) for r in entry.run.records
                if r.verb == "machine_reserved" and "start" in r.results]
    image_end = symbol(image, "image_end") - symbol(image, "image_start") + MIB
    module_size = len(scenario.script([entry.scenario], budget=BUDGET))
    assert reserved[:2] == [(0, MIB), (MIB, image_end)]
    assert [end - start for start, end in reserved[2:-1]] == [module_size]
    frames = next(r.results["free"] for r in entry.run.records if r.verb == "frames")
    assert frames * 4096 > 3500 * MIB
