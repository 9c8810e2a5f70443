"""What a student reads of a failed test, from the scenario to the commands to paste."""

from __future__ import annotations

import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from conftest import ROOT, mutant_text, skeleton

from grader.building import symbols
from grader.building.build import BuildError, Toolchain, image
from grader.course import labs
from grader.grading.stage_grading import PUBLIC_SEED
from grader.judging.judge import Finding
from grader.judging.verdict import Verdict
from grader.mutants import scoring
from grader.reporting import explain, since
from grader.reporting.results import LabResult, Results, TestResult


def test_a_failure_is_told_in_full(submission: Callable, grade: Callable) -> None:
    """Invariant, operation, expected against seen, the contract, a drawing, commands."""
    folder = submission(mutant_text("buddy", "forgets_the_rest"))
    message = grade(folder).tests["rest_of_block"]["message"]
    scenario = folder.parent / "out" / "scenarios" / "buddy" / "rest_of_block.scenario"
    story, commands = message.splitlines()[:-3], message.splitlines()[-3:]
    assert "\n".join(story).replace("\n" + " " * 14, " ").splitlines() == [  # long lines go on below
        "the rest is freed again",
        "operation 4:  alloc 4 4",
        "expected:     4 units of the free block 4-7; 4-7: the rest of a block that operation 3 "
        "allocated from",
        "seen:         0: nothing",
        'contract:     "keeps its first `max` units and frees the rest of it again." '
        "(kernel/mm/buddy.h)",
        "",
        "Before this operation, by what was answered so far:",
        "  0",
        "  ###.....",
        "      ====",
        "  free blocks: 3, 4-7    (. free  # allocated  ^ this operation  = right)",
        "",
        "the whole scenario:",
        "  init 8         # -> size=64",
        "  free 0 8       # -> ok",
        "  a = alloc 3 3  # -> count=3 start=0",
        "  alloc 4 4      # -> count=0"]
    assert commands == [
        f"play it again:        make run SCENARIO={scenario} SUBMISSION={folder}",
        f"stop at this moment:  make bochs TEST=buddy/rest_of_block SUBMISSION={folder}",
        f"                      make gdb TEST=buddy/rest_of_block SUBMISSION={folder}"]


@pytest.mark.parametrize(("test", "headline"), [("scattered_frames", ""), ("no_frames", "a failure gives everything back")])
def test_where_one_begins_is_where_the_mistake_belongs(toolchain: Toolchain, test: str, headline: str) -> None:
    """Over scattered frames nothing is asked for that can't be had: that is a later rung's."""
    text = mutant_text("kvmalloc", "forgets_after_512")
    said = {mark.test: mark.headline for mark in scoring.marks(labs.find("kvmalloc"), text, toolchain, PUBLIC_SEED)}
    assert said[test] == headline


def test_a_failing_scenario_is_short_and_fails_again(submission: Callable, grade: Callable,
                                                     marionette: Callable) -> None:
    """What is left of the hundreds of operations of a random history."""
    folder = submission(mutant_text("buddy", "no_coalescing"))
    graded = grade(folder)
    assert graded.verdicts["many_blocks"] == "fail"
    path = folder.parent / "out" / "scenarios" / "buddy" / "many_blocks.scenario"
    assert len(path.read_text().splitlines()) <= 12
    again = marionette("run", "--submission", str(folder), "--scenario", str(path))
    assert again.returncode == 1
    assert f"fail: {graded.tests['many_blocks']['message'].splitlines()[0]}\n" in again.stdout


def test_a_check_of_the_students_own_is_called_where_it_was_asked_for(submission: Callable, marionette: Callable,
                                                                       toolchain: Toolchain, tmp_path: Path) -> None:
    text = (ROOT / "solutions" / "mm" / "buddy.cpp").read_text()
    folder = submission(text + "\nvoid buddy_check(buddy *b) { if (b->units == 9) panic(\"nine\"); }\n")
    scenario = tmp_path / "check.scenario"
    scenario.write_text("marionette-scenario 1\nlab buddy\nscenario nine\ninit 9\nfree 0 9\n")
    played = marionette("run", "--submission", str(folder), "--scenario", str(scenario)).stdout
    assert "crash: your own check panicked, in buddy_check at kernel/mm/buddy.cpp:" in played
    assert "operation 1:  init 9" in played and "panic: nine" in played
    graded = image(toolchain, {"buddy.cpp": folder / "buddy.cpp"})
    assert not [name for name in symbols.global_table(graded) if "buddy_check" in name]


def test_a_check_that_nobody_would_call_is_refused(submission: Callable, toolchain: Toolchain) -> None:
    folder = submission(skeleton("return 0;") + "\nvoid buddy_check() {}\n")
    with pytest.raises(BuildError, match=r"buddy_check\(\) is not called: expected void buddy_check\(buddy\*\)"):
        image(toolchain.with_checks(), {"buddy.cpp": folder / "buddy.cpp"})


def test_a_crash_is_shown_with_the_lines_around_it(submission: Callable, marionette: Callable, tmp_path: Path) -> None:
    """And what a student's file does to a terminal it does not do here."""
    folder = submission(skeleton('*reinterpret_cast<volatile int *>(64) = 1; return 0; // \x1b[2J'))
    scenario = tmp_path / "crash.scenario"
    scenario.write_text("marionette-scenario 1\nlab buddy\nscenario crash\ninit 9\nalloc 1 1\n")
    played = marionette("run", "--submission", str(folder), "--scenario", str(scenario)).stdout
    shown = [line for line in played.splitlines() if "reinterpret_cast" in line]
    assert len(shown) == 1 and shown[0].startswith("->") and shown[0].endswith("?[2J")


@pytest.mark.parametrize(("before", "said"), [
    ({}, ["Begin with buddy/b"]),
    ({"buddy/a": "fail", "buddy/b": "pass", "buddy/c": "infra"},
     ["Begin with buddy/b", "Since the last grading passed now: buddy/a", "Since the last grading no longer passed: buddy/b"]),
    ({"buddy/a": "pass", "buddy/b": "crash", "buddy/gone": "pass"}, ["Begin with buddy/b"]),
    ({"buddy/c": "pass"}, ["Begin with buddy/b"]),  # the reference was graded before the stubs
])
def test_what_to_begin_with_and_what_is_new(before: dict[str, str], said: list[str]) -> None:
    tests = [TestResult(name, verdict, 1, Fraction(int(verdict is Verdict.PASS)))
             for name, verdict in (("a", Verdict.PASS), ("b", Verdict.FAIL), ("c", Verdict.TODO))]
    assert list(since.told(before, Results("1", "qemu", [LabResult("buddy", tests)]))) == said


def test_a_reset_by_a_directory_without_the_kernel_is_told_as_one() -> None:
    """Where a triple fault began anywhere else, nothing is known of why."""
    finding = Finding(Verdict.CRASH, "triple fault", 1, "init", seen="the machine reset itself: a triple fault")
    said = [explain.message(finding, [symbols.Place(name, "kernel/mm/page_tables.cpp", 40)], [])
            for name in ("load_directory", "flush_page")]
    assert ["does not map the kernel itself, or cr3 was not given its\nphysical address" in each for each in said] == [True, False]


def test_a_whole_lab_that_is_new_is_said_in_a_word() -> None:
    """As where a file did not compile, and the next one does."""
    found = [LabResult(lab, [TestResult(name, Verdict.PASS, 1, Fraction(1)) for name in "ab"]) for lab in ("buddy", "paging")]
    before = {"buddy/a": "build", "buddy/b": "build", "paging/a": "pass", "paging/b": "fail"}
    assert list(since.told(before, Results("1", "qemu", found))) == [
        "Since the last grading passed now: all of buddy, paging/b"]


def test_what_is_there_of_a_last_grading_may_be_anything(tmp_path: Path) -> None:
    for text in ("", "[]", '{"labs": [{"lab": 1}]}', "{", "[" * 200_000):
        (tmp_path / "results.json").write_text(text)
        assert since.verdicts(tmp_path) == {}
    (tmp_path / "results.json").unlink()
    os.mkfifo(tmp_path / "results.json")  # which nobody writes to
    assert since.verdicts(tmp_path) == {}
