"""A submission searched by its own code: what the tests don't come upon is found and told, and counts where a course
says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from conftest import ROOT

from grader.building import build, stage
from grader.course import course, labs
from grader.evidence import executed
from grader.evidence.coverage import Code
from grader.grading.inquiry import Inquiry
from grader.grading.play import Played, Player
from grader.grading.stage_grading import StageGrading
from grader.judging.judge import Ending
from grader.judging.verdict import Verdict
from grader.scenarios import scenario
from grader.scenarios.changes import changed
from grader.scenarios.stream import Stream

SEED = "9"  # with which no test happens to play the mistake, and the search does
BEFORE = "    if (min > max)\n        return 0;\n"
MISTAKE = "    if (min > 16 && min < 31 && max > 100)\n        return 0;\n"


def searched(folder: Path, toolchain: build.Toolchain, text: str, counts: bool = False) -> StageGrading:
    """Lab 1 graded with a search; no test fails, but of what is found and counts."""
    (folder / "buddy.cpp").write_text(text)
    graded = StageGrading(stage.alone(labs.find("buddy")), folder, toolchain, SEED, searches=True, counts=counts)
    outcomes = graded.run(graded.workloads())
    failed = {test for test, outcome in outcomes.items() if outcome.finding}
    assert failed == (set(graded.searched.found) if counts else set())
    return graded


def test_what_no_test_plays_is_found_twice_alike_and_its_line_is_not_reached_before(tmp_path, toolchain):
    right = (ROOT / "solutions" / "mm" / "buddy.cpp").read_text()
    assert right.count(BEFORE) == 1
    wrong = right.replace(BEFORE, BEFORE + MISTAKE)
    first, second = (searched(tmp_path, toolchain, wrong, counts).searched for counts in (False, True))
    assert first.found and not searched(tmp_path, toolchain, right).searched.found
    for test, outcome in first.found.items():
        assert outcome.finding.operation == len(outcome.failing.operations)
        assert second.found[test].failing.content == outcome.failing.content
    assert (first.played, first.reached, first.unreached) == (second.played, second.reached, second.unreached)


def test_lines_of_which_nothing_ran_are_told_as_ranges():
    code = Code(frozenset(range(9)), {3: frozenset({0}), 5: frozenset({1, 2}), 6: frozenset({3}), 8: frozenset({4})})
    assert code.unreached({2}) == [(3, 3), (6, 8)]
    assert code.unreached({0, 1, 3, 4}) == []


def test_what_ran_is_told_by_the_parts_of_a_trace(reference_image):
    trace = b"IN: \n0xc0000000:  90  nop\n0xc0000001:  90  nop\nIN: \n0xc0000002:  c3  retl\n"
    mark = trace.rindex(b"IN:")
    assert executed.reached(trace, [mark], reference_image) == (frozenset({0xC0000000, 0xC0000001}), frozenset({0xC0000002}))


def test_of_what_was_not_played_nothing_is_wrong(toolchain):
    lab = labs.find("buddy")
    never = Played(scenario.Scenario(lab.slug, "t", scenario.operations("init 8")), None, Ending.NOTHING_LEFT)
    inquiry = Inquiry(stage.alone(lab), toolchain, Player(build.image(toolchain, {})), rounds=0)
    assert inquiry.sought(never) is None
    assert inquiry.sought(replace(never, ending=Ending.CPU_TIME)).verdict is Verdict.CRASH


def test_only_what_the_lab_allows_is_changed():
    before = scenario.operations("init 8\nfree 0 8\na = alloc 3 3\nfree a 3")
    allowed = {"alloc": [1], "free": []}
    for i in range(200):
        after = changed(Stream("changes", i), before, allowed)
        assert [o for o in after if o.verb not in allowed] == [before[0]]
        assert {o.arguments for o in after if o.verb == "free"} <= {o.arguments for o in before}
        assert all(o.arguments[0] == "3" for o in after if o.verb == "alloc")


def test_the_course_says_whether_it_counts(tmp_path):
    file = tmp_path / "course.toml"
    file.write_text("[search]\ncounts = true\n")
    assert course.load(file).search_counts and not course.Course().search_counts


def test_a_search_that_was_asked_for_is_told_beside_the_score(grade, submission):
    right = (ROOT / "solutions" / "mm" / "buddy.cpp").read_text()
    graded = grade(submission(right.replace(BEFORE, BEFORE + MISTAKE)), "--search=1", "--seed", SEED)
    told = graded.results["search"]["buddy"]
    assert graded.results["score"] == 100 and told["found"] and not told["counts"]
    assert "it costs no points" in graded.output
