"""v86, the third emulator, in Node as in a browser: the same records as QEMU's but for costs, the same verdicts."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT, SKELETON, sampled
from machines import LABS, SEED, STOPS, comparable, played, sample, told

from grader.building import build
from grader.course import labs
from grader.course.labs import Lab
from grader.emulators import qemu, v86
from grader.errors import Infrastructure
from grader.evidence import records
from grader.judging.judge import Ending
from grader.mutants import both_machines, sources
from grader.scenarios import scenario
from grader.scenarios.scenario import Scenario

pytestmark = pytest.mark.skipif(not shutil.which("node") or not (ROOT / "web" / "node_modules").exists(),
                                reason="no Node.js, or `make -C web setup` was not done")


@pytest.mark.parametrize("slug", sampled(LABS, lambda slug: slug == "paging"))
def test_it_writes_the_records_that_qemu_writes(slug: str, reference_image: Path) -> None:
    """Memory map, addresses and page tables included; v86 counts some instructions later."""
    scenarios = sample(labs.find(slug))
    here, there = (played(emulator, reference_image, scenarios) for emulator in (v86, qemu))
    assert [run.title for run in here] == [s.title for s in scenarios]
    for ours, theirs in zip(here, there, strict=True):
        assert list(map(comparable, ours.records)) == list(map(comparable, theirs.records))
        for a, b in zip(ours.records, theirs.records, strict=True):
            assert (a.snapshot and a.snapshot.runs()) == (b.snapshot and b.snapshot.runs())


def test_what_stops_an_operation_is_told_alike(toolchain: build.Toolchain, buddy: Lab,
                                               submission: Callable) -> None:
    """Loops, exceptions, panics, a wrecked stack (a double fault), and at last a triple fault."""
    text = SKELETON.replace("    BODY", STOPS)
    image = build.image(toolchain, {"buddy.cpp": submission(text) / "buddy.cpp"}, gated=False)
    scenarios = [Scenario(buddy.slug, f"s{i}", scenario.operations(f"init 8\nalloc {i} 9"), test=f"t{i}")
                 for i in range(1, 10)]
    here, there = (emulator.boot(image, scenario.script(scenarios), trace=True) for emulator in (v86, qemu))
    assert here.ending is there.ending is Ending.RESET
    assert here.fault == there.fault
    assert [told(run) for run in records.read(here.log).runs] == [told(run) for run in records.read(there.log).runs]


def test_both_come_to_the_same_verdicts(toolchain: build.Toolchain) -> None:
    """A sample of what `make emulators EMULATOR=v86` compares."""
    lab = labs.find("paging")
    compared = both_machines.compared(toolchain, lab, sources.written(lab)[0], SEED, ("qemu", "v86"))
    assert compared.failed > 0
    assert compared.differences == []


def test_grades_in_v86(grade: Callable) -> None:
    """From the command line, with the emulator and its version in the results."""
    found = grade(ROOT / "solutions", "--emulator", "v86")
    assert found.status == 0, found.output
    assert (found.results["score"], found.results["emulator"]) == (100, "v86")
    assert re.fullmatch(r"\d+\.\d+\.\d+", found.results["tools"]["v86"])


def test_without_what_npm_brings_there_is_no_score(reference_image: Path, tmp_path: Path,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(v86, "_CPU", ROOT / "web" / "node_modules" / "none.wasm")
    with pytest.raises(Infrastructure, match="none.wasm is missing. `make -C web setup`"):
        v86.boot(reference_image, "")
