"""What a failed test leaves: its scenario with the answers, and commands that lead back there."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT
from judging import record

from grader.course import labs
from grader.evidence.records import Run
from grader.grading.again import Again, commented
from grader.grading.outcome import Outcome
from grader.grading.play import Played
from grader.judging.judge import Ending, Finding
from grader.judging.verdict import Verdict
from grader.scenarios import scenario
from grader.scenarios.scenario import Scenario

FAILING = Scenario("buddy", "any_history-1", scenario.operations("""\
init 8
free 0 8
a = alloc 3 3
free a+1 9
alloc 4 4"""), limit=1000)
RUN = Run(0, "any_history-1", [record(line, n) for n, line in enumerate([
    "init 8 -> size=64", "free 0 8 -> ok", "alloc 3 3 -> count=3 start=0", "free 1 9 -> panic",
    "alloc 4 4 -> count=0"], 1)])
FINDING = Finding(Verdict.FAIL, "the rest is freed again", 5, "alloc 4 4",
                  "4 units of the free block 4-7 …", "0: nothing", "frees the rest of it again.",
                  "kernel/mm/buddy.h")
SLOW = Finding(Verdict.FAIL, "grows like log n", expected="at most 4", seen="35.5")


def lines(tmp_path: Path, finding: Finding = FINDING, stage: str = "alone", **other) -> list[str]:
    """The commands at the end of a failed test's message."""
    grading = {"submission": ROOT / "solutions", "out": tmp_path, "seed": "1",
               "kernel_base": 0xC0000000, **other}
    lab = labs.find("buddy")
    outcome = (Outcome([Played(FAILING, RUN, Ending.POWER_OFF)], finding, FAILING, RUN)
               if finding.operation else Outcome([Played(FAILING, RUN, Ending.POWER_OFF)]))
    said = Again(**grading)(lab, lab.test("any_history"), outcome, finding, stage)
    return said[next(i for i, line in enumerate(said) if line.startswith(("play it", "its first"))):]


# ---- The scenario ----

def test_each_operation_has_its_answer_and_the_last_what_was_expected() -> None:
    assert commented(FAILING, RUN, FINDING) == """\
marionette-scenario 1
lab buddy
# fail: the rest is freed again
# contract: "frees the rest of it again." (kernel/mm/buddy.h)
scenario any_history-1
limit 1000
init 8         # -> size=64
free 0 8       # -> ok
a = alloc 3 3  # -> count=3 start=0
free a+1 9     # -> panic, as it must
alloc 4 4      # expected: 4 units of the free block 4-7 ?  seen: 0: nothing
"""


def test_the_comments_change_nothing() -> None:
    assert scenario.parse(commented(FAILING, RUN, FINDING), "t") == [FAILING]


def test_operations_that_wrote_nothing_down_have_no_comment() -> None:
    text = commented(FAILING, Run(0, "t", RUN.records[:2]), FINDING)
    assert "\na = alloc 3 3\n" in text


def test_what_is_wrong_with_no_operation_stands_at_the_top() -> None:
    assert "# expected: at most 4  seen: 35.5\nscenario" in commented(FAILING, RUN, SLOW)


# ---- The commands ----

def test_they_name_the_test_and_the_saved_scenario(tmp_path: Path) -> None:
    play, *stops = lines(tmp_path)
    path = tmp_path / "scenarios" / "buddy" / "any_history.scenario"
    assert play == f"play it again:        make run SCENARIO={path} SUBMISSION=solutions"
    assert stops[-1].endswith("make gdb TEST=buddy/any_history SUBMISSION=solutions")
    assert path.read_text() == commented(FAILING, RUN, FINDING)


@pytest.mark.parametrize(("other", "words"), [
    ({"kernel_base": 0x80000000}, "SUBMISSION=solutions KERNEL_BASE=0x80000000"),
    ({"stage": "integrated"}, "SUBMISSION=solutions STAGE=integrated"),
    ({"submission": Path("/tmp/handed in")}, "SUBMISSION='/tmp/handed in'"),
    ({"submission": ROOT / "kernel" / "mm"}, "TEST=buddy/any_history"),
])
def test_they_say_what_differs_from_a_plain_grading(tmp_path: Path, other: dict,
                                                    words: str) -> None:
    assert lines(tmp_path, **other)[-1].endswith(f"make gdb {words}"
                                                 if words.startswith("TEST") else words)


def test_a_seed_that_is_not_public_is_not_in_them_and_not_needed(tmp_path: Path) -> None:
    told = lines(tmp_path, seed="c0ffee")
    path = tmp_path / "scenarios" / "buddy" / "any_history.scenario"
    assert told[-1].endswith(f"make gdb SCENARIO={path} AT=5 SUBMISSION=solutions")
    assert "c0ffee" not in "".join(told)


def test_a_test_that_is_only_slow_has_no_moment_to_stop_at(tmp_path: Path) -> None:
    path = tmp_path / "scenarios" / "buddy" / "any_history.scenario"
    assert lines(tmp_path, SLOW) == [f"its first program:    make run SCENARIO={path} SUBMISSION=solutions"]


def test_there_are_none_where_nothing_was_booted(tmp_path: Path) -> None:
    lab = labs.find("buddy")
    build = Finding(Verdict.BUILD, "it does not compile")
    again = Again(ROOT / "solutions", tmp_path, "1", 0xC0000000)
    assert again(lab, lab.tests[0], Outcome([], build), build) == []
