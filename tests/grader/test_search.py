"""A submission searched by its own code: what the tests don't come upon is found, told, and costs nothing."""

from __future__ import annotations

from pathlib import Path

from conftest import ROOT

from grader.building import build, stage
from grader.course import labs
from grader.evidence import executed
from grader.evidence.coverage import Code
from grader.grading.stage_grading import StageGrading
from grader.scenarios import scenario
from grader.scenarios.changes import changed
from grader.scenarios.stream import Stream

BEFORE = "    if (max == 0 || min > max)\n        return 0;\n"
MISTAKE = "    if (min > 16 && min < 31 && max > 100)\n        return 0;\n"


def searched(folder: Path, toolchain: build.Toolchain, text: str) -> StageGrading:
    """Lab 1 graded with a search; no test fails."""
    (folder / "buddy.cpp").write_text(text)
    graded = StageGrading(stage.alone(labs.find("buddy")), folder, toolchain, "1", searches=True)
    outcomes = graded.run(graded.workloads())
    assert not any(outcome.finding for outcome in outcomes.values())
    return graded


def test_what_no_test_plays_is_found_twice_alike_and_its_line_is_not_reached_before(tmp_path, toolchain):
    right = (ROOT / "solutions" / "mm" / "buddy.cpp").read_text()
    assert right.count(BEFORE) == 1
    wrong = right.replace(BEFORE, BEFORE + MISTAKE)
    first, second = (searched(tmp_path, toolchain, wrong).searched for _ in range(2))
    assert first.found and not searched(tmp_path, toolchain, right).searched.found
    for test, outcome in first.found.items():
        assert outcome.finding.operation == len(outcome.failing.operations)
        assert second.found[test].failing.content == outcome.failing.content
    assert (first.played, first.reached, first.unreached) == (second.played, second.reached, second.unreached)


def test_lines_of_which_nothing_ran_are_told_as_ranges():
    code = Code(frozenset(range(9)), {3: frozenset({0}), 5: frozenset({1, 2}), 6: frozenset({3}), 8: frozenset({4})})
    assert code.unreached({2}) == [(3, 3), (6, 8)]
    assert code.unreached({0, 1, 3, 4}) == []


def test_what_ran_is_told_by_the_parts_of_a_trace():
    trace = b"IN: \n0xc0000000:  90  nop\n0xc0000001:  90  nop\nIN: \n0xc0000002:  c3  retl\n"
    mark = trace.rindex(b"IN:")
    assert executed.reached(trace, [mark]) == (frozenset({0xC0000000, 0xC0000001}), frozenset({0xC0000002}))


def test_only_what_the_lab_allows_is_changed():
    before = scenario.operations("init 8\nfree 0 8\na = alloc 3 3\nfree a 3")
    allowed = {"alloc": [1], "free": []}
    for i in range(200):
        after = changed(Stream("changes", i), before, allowed)
        assert [o for o in after if o.verb not in allowed] == [before[0]]
        assert {o.arguments for o in after if o.verb == "free"} <= {o.arguments for o in before}
        assert all(o.arguments[0] == "3" for o in after if o.verb == "alloc")
