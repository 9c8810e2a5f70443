"""The grader is graded: wrong buddies fail where they are wrong, right ones of any design pass.

Each wrong one (grader/mutants/buddy/*.cpp) says in its first lines what its mistake is, which test has to
catch it, and what that test's message has to begin with.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import HERE, MUTANTS

WRONG = sorted((MUTANTS / "buddy").glob("*.cpp"))
RIGHT = sorted((HERE / "alternatives" / "buddy").glob("*.cpp"))


def described(path: Path) -> dict[str, str]:
    """mistake, caught by and headline, from a wrong solution's first lines."""
    head = path.read_text().partition("\n\n")[0]
    return dict(re.findall(r"^// ([a-z ]+): (.+)$", head, re.MULTILINE))


def test_there_are_wrong_and_right_ones() -> None:
    assert [path.stem for path in WRONG] == [
        "forgets_the_rest", "loops_when_full", "more_than_max", "no_coalescing",
        "off_by_one_order", "walks_linearly"]
    assert len(RIGHT) >= 2


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_a_wrong_buddy_fails_where_it_is_wrong(path: Path, submission: Callable,
                                               grade: Callable) -> None:
    about = described(path)
    assert about.keys() == {"mistake", "caught by", "headline"}
    graded = grade(submission(path.read_text()))
    assert graded.status == 0

    caught = graded.tests[about["caught by"]]
    assert caught["verdict"] in ("fail", "hang")
    assert caught["score"] == 0
    assert caught["message"].splitlines()[0].startswith(about["headline"])

    assert "pass" in graded.verdicts.values()
    assert graded.results["score"] < 100


def test_a_mistake_in_speed_alone_costs_nothing_else(submission: Callable,
                                                     grade: Callable) -> None:
    linear = MUTANTS / "buddy" / "walks_linearly.cpp"
    graded = grade(submission(linear.read_text()))
    failed = {name for name, verdict in graded.verdicts.items() if verdict != "pass"}
    assert "logarithmic" in failed
    assert failed <= {"logarithmic", "million_units"}


def test_a_failure_is_told_in_full(submission: Callable, grade: Callable) -> None:
    """Invariant, operation, expected against seen, the contract, a drawing, commands."""
    forgetful = MUTANTS / "buddy" / "forgets_the_rest.cpp"
    folder = submission(forgetful.read_text())
    message = grade(folder).tests["rest_of_block"]["message"]
    scenario = folder.parent / "out" / "scenarios" / "buddy" / "rest_of_block.scenario"
    where = f"SCENARIO={scenario} SUBMISSION={folder}"
    assert message.replace("\n" + " " * 14, " ").splitlines() == [  # long lines may go on below
        "the rest is freed again",
        "operation 4:  alloc 4 4",
        "expected:     4 units of the free block 4-7; 4-7: the rest of a block that operation 3 "
        "allocated from",
        "seen:         0: nothing",
        'contract:     "keeps its first `max` units and frees the rest of it again." '
        "(kernel/mm/buddy.h)",
        "",
        "Before this operation:",
        "  0",
        "  ###.....",
        "  free blocks: 3, 4-7    (. free  # allocated  ^ this operation)",
        "",
        f"play it again:        make run {where}",
        f"stop at this moment:  make gdb {where} AT=4"]


def test_a_failing_scenario_is_short_and_fails_again(submission: Callable, grade: Callable,
                                                     marionette: Callable) -> None:
    """What is left of the hundreds of operations of a random history."""
    folder = submission((MUTANTS / "buddy" / "no_coalescing.cpp").read_text())
    graded = grade(folder)
    assert graded.verdicts["many_blocks"] == "fail"
    path = folder.parent / "out" / "scenarios" / "buddy" / "many_blocks.scenario"
    assert len(path.read_text().splitlines()) <= 12
    again = marionette("run", "--submission", str(folder), "--scenario", str(path))
    assert again.returncode == 1
    assert f"fail: {graded.tests['many_blocks']['message'].splitlines()[0]}\n" in again.stdout


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_a_right_buddy_of_another_design_gets_full_marks(path: Path, submission: Callable,
                                                         grade: Callable) -> None:
    graded = grade(submission(path.read_text()))
    assert set(graded.verdicts.values()) == {"pass"}, graded.output
    assert (graded.results["score"], graded.results["max_score"]) == (100, 100)
