"""The moment that TEST= or SCENARIO= leads to: the one that the report tells of, on every machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT, mutant_text, skeleton

from grader.building import build
from grader.building import stage as stages
from grader.course import labs
from grader.debug import calls
from grader.debug.target import Target, Wish, resolve
from grader.errors import GraderError
from grader.judging.verdict import Verdict
from grader.scenarios import scenario

TWO = """\
marionette-scenario 1
lab paging
scenario right
boot
frames
scenario stale
boot
d = create
switch d
f = frame
map d f 0x400000 1 7
write 0x400000 0 17
map d 0 0x400000 1 0
read 0x400000 0
"""


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A submission: a buddy allocator that never coalesces, and no TLB flush in paging."""
    folder = tmp_path_factory.mktemp("wrong")
    (folder / "buddy.cpp").write_text(mutant_text("buddy", "no_coalescing"))
    (folder / "paging.cpp").write_text(mutant_text("paging", "no_flush"))
    return folder


def refused(toolchain: build.Toolchain, wish: Wish) -> str:
    """The text with which a wish is refused."""
    with pytest.raises(GraderError) as caught:
        resolve(toolchain, wish)
    return str(caught.value)


def test_a_test_leads_to_the_scenario_that_grading_saved(
        toolchain: build.Toolchain, wrong: Path, grade: Callable, tmp_path: Path) -> None:
    graded = grade(wrong)
    assert graded.verdicts["any_history"] == "fail"
    target = resolve(toolchain, Wish(wrong, test="buddy/any_history"))
    path = tmp_path / "out" / "scenarios" / "buddy" / "any_history.scenario"
    assert [target.scenario] == scenario.load(path)
    assert target.operation == target.finding.operation == len(target.scenario.operations)
    assert f"operation {target.operation}:" in graded.tests["any_history"]["message"]
    assert target.calls == "buddy_alloc"


def test_another_seed_leads_elsewhere(toolchain: build.Toolchain) -> None:
    public, other = (resolve(toolchain, Wish(ROOT / "solutions", test="buddy/any_history", seed=seed))
                     for seed in ("1", "2"))
    assert public.scenario.operations != other.scenario.operations


def test_a_test_that_passes_leads_to_its_first_operation(toolchain: build.Toolchain) -> None:
    target = resolve(toolchain, Wish(ROOT / "solutions", test="buddy/starts_empty"))
    assert (target.operation, target.finding) == (1, None)
    assert target.headline.startswith("buddy/starts_empty passes")


def test_at_chooses_another_operation(toolchain: build.Toolchain) -> None:
    target = resolve(toolchain, Wish(ROOT / "solutions", test="buddy/starts_empty", at="2"))
    assert target.operation == 2


def test_a_test_not_written_yet_leads_to_where_it_is_missed(toolchain: build.Toolchain) -> None:
    target = resolve(toolchain, Wish(ROOT / "kernel" / "mm", test="buddy/coalescing"))
    assert target.finding.verdict is Verdict.TODO
    assert target.calls == "buddy_state_size"
    assert "not written yet" in target.headline


def of_file(toolchain: build.Toolchain, folder: Path, wrong: Path, at: str = "") -> Target:
    """Where the file TWO leads."""
    path = folder / "two.scenario"
    path.write_text(TWO)
    return resolve(toolchain, Wish(wrong, scenario=str(path), at=at))


def test_a_file_leads_to_what_goes_wrong_in_it(toolchain: build.Toolchain, tmp_path: Path,
                                               wrong: Path) -> None:
    target = of_file(toolchain, tmp_path, wrong)
    assert (target.scenario.title, target.operation) == ("stale", 7)
    assert target.calls == "map_mem"


def test_an_operation_behind_that_can_be_the_players_own(toolchain: build.Toolchain, tmp_path: Path,
                                                      wrong: Path) -> None:
    assert of_file(toolchain, tmp_path, wrong, at="8").calls == ""


COUNTS = """\
marionette-scenario 1
lab kvmalloc
scenario counts
boot
frames
leave 1 1
unleave
pages
a = alloc 1
free a
free b
kvpages
"""


@pytest.mark.parametrize(("stage", "called"), [
    ("", ["", "", "", "", "", "kvmalloc", "kvfree", "", ""]),
    ("integrated", ["create_init_pagedir", "ppalloc", "ppalloc", "ppfree", "vpalloc", "kvmalloc", "kvfree", "", ""]),
])
def test_what_an_operation_calls_is_known_from_what_ran(toolchain: build.Toolchain, tmp_path: Path, stage: str,
                                                        called: list[str]) -> None:
    """An operation may take long in the reference's code, and call nothing of the student's; one is refused."""
    path = tmp_path / "counts.scenario"
    path.write_text(COUNTS.replace("free b", "init"))
    [wanted] = scenario.load(path)
    built = stages.image(toolchain, ROOT / "solutions", stages.named(labs.find("kvmalloc"), stage).labs)
    script = scenario.script([wanted])
    assert [calls.first_of(number, built, script, toolchain) for number in range(1, 10)] == called


def test_the_integrated_stage_has_all_of_the_students_files(toolchain: build.Toolchain) -> None:
    target = resolve(toolchain, Wish(ROOT / "solutions", test="buddy/any_range",
                                     stage="integrated"))
    assert len(target.stage.sources) == 6
    assert target.patience > 1


@pytest.mark.parametrize(("wish", "words"), [
    ({}, "TEST=lab/name or SCENARIO=file"),
    ({"test": "buddy/a", "scenario": "b"}, "one of them"),
    ({"test": "buddy"}, "a lab and a test were expected"),
    ({"test": "buddy/nothing"}, "lab buddy has no test 'nothing', only: starts_empty"),
    ({"test": "bunny/any"}, "there is no lab 'bunny'"),
    ({"test": "buddy/starts_empty", "stage": "first"}, "STAGE=first: expected `integrated`"),
    ({"test": "buddy/starts_empty", "stage": "integrated"}, "the integrated stage has of this lab"),
    ({"test": "buddy/starts_empty", "at": "0"}, "AT=0: the number of an operation"),
    ({"test": "buddy/starts_empty", "at": "999"}, "from 1 to"),
    ({"scenario": "/nowhere.scenario"}, "/nowhere.scenario can't be read"),
])
def test_what_can_not_be_reached_is_said(toolchain: build.Toolchain, wish: dict,
                                         words: str) -> None:
    assert words in refused(toolchain, Wish(ROOT / "solutions", **wish))


def test_a_submission_that_does_not_compile_leads_nowhere(toolchain: build.Toolchain,
                                                          submission: Callable) -> None:
    folder = submission(skeleton("return nothing_known;"))
    words = refused(toolchain, Wish(folder, test="buddy/starts_empty"))
    assert "'nothing_known' was not declared" in words or "‘nothing_known’" in words
