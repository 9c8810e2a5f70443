"""The formats of other programs: each keeps to its published rules, whatever is in the results."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path

import jsonschema
import pytest

import format_rules as rules
from conftest import ROOT
from format_rules import (ALL_HOSTILE, BROKEN_IN_PART, CHECKS, EVERY_VERDICT, EXAMPLES, HOSTILE, SAMPLES,
                          WEIGHTED)
from grader import formats
from grader.course.course import Course, Dates, Late
from grader.errors import GraderError
from grader.formats import classroom50, gradebook
from grader.formats.format import Context
from grader.formats.gradebook import Entry

FORMATS = formats.all_formats()
CONTEXT = Context(student="u1")


def rendered(name: str, results: dict, context: Context = CONTEXT) -> object:
    """What is read of results in a format, by its rules."""
    return CHECKS[name](FORMATS[name].render(results, context))


def test_every_format_has_its_rules() -> None:
    assert FORMATS.keys() == CHECKS.keys()


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_samples_are_results(sample: str) -> None:
    schema = json.loads((ROOT / "docs" / "results.schema.json").read_text())
    jsonschema.validate(SAMPLES[sample], schema)


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("name", FORMATS)
def test_a_format_keeps_to_its_rules(name: str, sample: str) -> None:
    rendered(name, SAMPLES[sample])


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_results_give_the_same_text(name: str) -> None:
    render = FORMATS[name].render
    assert render(EVERY_VERDICT, CONTEXT) == render(EVERY_VERDICT, CONTEXT)


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_tells_the_seed(name: str) -> None:
    """The student reads these; an official seed is the instructor's."""
    assert EVERY_VERDICT["seed"] not in FORMATS[name].render(EVERY_VERDICT, CONTEXT)


# ---- when everything broke ----

DAMAGED = {
    "missing": None, "empty": "", "cut off": json.dumps(EVERY_VERDICT)[:-20], "a list": "[]",
    "another schema": '{"schema": "v2"}', "too deep": "[" * 100_000,
    "no labs": json.dumps({**EVERY_VERDICT, "labs": None}),
    "no tests": json.dumps({**EVERY_VERDICT, "labs": [{"lab": "buddy", "score": 1, "max_score": 1}]}),
    "an unknown verdict": json.dumps(EVERY_VERDICT).replace('"hang"', '"sulk"'),
    "a message that is none": json.dumps(EVERY_VERDICT).replace('"inline assembly"', "7"),
    "a score that is a text": json.dumps(EVERY_VERDICT).replace("2.5", '"=2+3"'),
    "a score that is no number": json.dumps(EVERY_VERDICT).replace("2.5", "NaN"),
    "no UTF-8": b"\xff\xfe{",
}


@pytest.mark.parametrize("damage", DAMAGED)
@pytest.mark.parametrize("name", FORMATS)
def test_results_that_cant_be_used_are_said_to_be_so(tmp_path: Path, name: str, damage: str) -> None:
    path = tmp_path / "results.json"
    if DAMAGED[damage] is not None:
        content = DAMAGED[damage]
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    text, problem = formats.convert(FORMATS[name], path, CONTEXT)
    CHECKS[name](text)
    assert problem
    assert text == FORMATS[name].broken(problem, CONTEXT)


def test_broken_is_never_a_zero() -> None:
    broken = {name: CHECKS[name](form.broken("no disk", CONTEXT)) for name, form in FORMATS.items()}
    assert "score" not in broken["gradescope"]
    assert broken["prairielearn"]["gradable"] is False
    assert broken["autolab"] == {}
    assert broken["classroom50"]["max-score"] == 0
    assert broken["junit"].get("errors") == "1"
    (row,) = broken["gradebook"]
    assert (row["id"], row["total"], row["remarks"]) == ("u1", "",
                                                        "not graded: the grading broke")
    assert "No score" in FORMATS["github-summary"].broken("no disk", CONTEXT)
    assert broken["github-annotations"][0][0] == "error"


def test_a_score_that_is_null_is_never_a_zero() -> None:
    gradescope = rendered("gradescope", BROKEN_IN_PART)
    assert "score" not in gradescope
    assert not any("score" in test for test in gradescope["tests"])
    assert rendered("autolab", BROKEN_IN_PART) == {"buddy": 4}
    assert rendered("prairielearn", BROKEN_IN_PART)["gradable"] is False
    assert rendered("classroom50", BROKEN_IN_PART)["tests"] == []
    (row,) = rendered("gradebook", BROKEN_IN_PART)
    assert (row["malloc"], row["malloc counts"], row["total"], row["maximum"]) == ("", "", "", "34")
    assert row["remarks"] == "malloc: no score, grade it again"
    assert FORMATS["github-summary"].render(BROKEN_IN_PART, CONTEXT).startswith("## No score\n")


@pytest.mark.parametrize("name", FORMATS)
def test_students_are_not_told_how_well_the_grading_was_protected(name: str) -> None:
    assert "bubblewrap" not in FORMATS[name].render(BROKEN_IN_PART, CONTEXT)


def test_a_stage_without_a_score_is_never_a_zero() -> None:
    """Where the labs have theirs."""
    stage = {"score": None, "max_score": 1, "weight": 60, "weighted_score": None,
             "tests": [rules.test_entry("buddy/coalescing", "infra", None, 1, "qemu is missing")]}
    found = rules.results(rules.lab("buddy", rules.test_entry("t", "pass", 4, 4)), integrated=stage)
    found |= {"score": None, "max_score": 64}
    assert not any("score" in test for test in rendered("gradescope", found)["tests"])
    assert rendered("autolab", found) == {"buddy": 4}
    (row,) = rendered("gradebook", found)
    assert (row["integrated"], row["total"], row["maximum"]) == ("", "", "64")


# ---- what a submission wrote ----

def test_junit_holds_hostile_text_as_text() -> None:
    cases = list(rendered("junit", ALL_HOSTILE).iter("testcase"))
    assert len(cases) == 2 * len(HOSTILE)
    assert cases[1].find("failure").text == HOSTILE[1]
    assert r"\x1b[31mred\x1b]0;title\x07 \x9b1m \x00 \x08 \x0d over \uffff \ud800 \u202e" in (
        cases[2].find("failure").text)
    assert cases[6].find("failure").text == HOSTILE[6]


def test_the_summary_holds_hostile_text_in_code_blocks() -> None:
    blocks = rendered("github-summary", ALL_HOSTILE)
    assert len(blocks) == 2 * len(HOSTILE)
    assert blocks[4] == HOSTILE[4] + "\n"
    text = FORMATS["github-summary"].render(ALL_HOSTILE, CONTEXT)
    assert text.count("### ") == 2 * len(HOSTILE)


def test_names_in_the_summary_are_no_markdown() -> None:
    hostile = rules.results(rules.lab("*b* <b> | [x](y)", rules.test_entry(
        "`<script>` ![i](u)", "fail", 0, 1, "no")))
    rendered("github-summary", hostile)


def test_annotations_hold_hostile_text_as_text() -> None:
    found = rendered("github-annotations", ALL_HOSTILE)
    assert [name for name, _, _ in found] == ["error"] * 10 + ["notice"]
    assert found[0][2] == HOSTILE[0]
    assert "file" not in found[0][1]


def test_of_many_annotations_ten_are_left_those_with_a_line_first() -> None:
    """And each text once: the compiler says the same to all tests of a lab."""
    said = [*(f"wrong in way {i}" for i in range(11)), *(["kernel/mm/buddy.cpp:7:1: error: x"] * 16)]
    tests = [rules.test_entry(f"t{i}", "build", 0, 1, text) for i, text in enumerate(said)]
    found = rendered("github-annotations", rules.results(rules.lab("buddy", *tests)))
    assert [name for name, _, _ in found] == ["error"] * 10 + ["notice"]
    assert [properties.get("line") for _, properties, _ in found[:3]] == ["7", None, None]
    assert found[0][1]["title"] == "buddy: t11: build, and 15 more for the same cause" and found[1][2] == "wrong in way 0"


CRASHES = [(f"page fault, in split at kernel/mm/buddy.cpp:{line}", f"operation {line}:  alloc 1") for line in (41, 57)]


def test_every_format_tells_a_cause_once_and_where() -> None:
    """Tests that fail alike, in whichever line of a function, have one mistake behind them."""
    tests = [rules.test_entry(f"t{i}", "crash", 0, 1, "\n".join(lines)) for i, lines in enumerate(CRASHES)]
    of = rules.results(rules.lab("buddy", *tests), integrated=rules.stage(0, {**tests[0], "name": "buddy/t0"}))
    for name, form in FORMATS.items():
        text = form.render(of, CONTEXT)
        assert text.count("operation 41:") == (0 if name in ("autolab", "gradebook") else 1), name
        assert "operation 57:" not in text
    seen = "page fault, in split at kernel/mm/buddy.cpp:57: see buddy: t0"
    assert rendered("gradescope", of)["tests"][1]["output"] == seen
    assert rendered("prairielearn", of)["tests"][1]["output"] == seen
    assert "The same in buddy: t1 (0/1), integrated: buddy/t0 (0/1)" in FORMATS["github-summary"].render(of, CONTEXT)


def test_annotations_stand_at_the_students_line() -> None:
    found = {properties["title"]: properties
             for _, properties, _ in rendered("github-annotations", EVERY_VERDICT)}
    crash = found["buddy: exhaustion: crash"]
    assert (crash["file"], crash["line"]) == ("kernel/mm/buddy.cpp", "17")
    assert found["malloc: first_blocks: build"]["file"] == "kernel/mm/malloc.cpp"
    assert not any("todo" in title or "not-run" in title for title in found)


def test_a_very_long_text_is_cut_and_says_so() -> None:
    message = rendered("gradescope", ALL_HOSTILE)["tests"][7]["output"]
    assert message.startswith("xxxx") and len(message) < 20_000
    assert message.endswith(" characters more")


def test_many_long_texts_fit_into_a_megabyte() -> None:
    tests = [rules.test_entry(f"t{i}", "fail", 0, 1, f"{i}\n" + "ü" * 100_000) for i in range(300)]
    found = rendered("prairielearn", rules.results(rules.lab("buddy", *tests)))
    assert len(found["tests"]) == 300
    assert len(rendered("github-summary", rules.results(rules.lab("buddy", *tests)))) == 300


def test_a_little_more_than_a_megabyte_is_too_much() -> None:
    tests = [rules.test_entry(f"t{i}", "fail", 0, 1, "x" * 16_000) for i in range(63)]
    assert 1_000_000 < sum(len(test["message"]) for test in tests) < 1_010_000
    rendered("prairielearn", rules.results(rules.lab("buddy", *tests)))


@pytest.mark.parametrize("student", ["=HYPERLINK(1)", "+1", "-1", "@x", " =1", "\t=1", "a;=1", "a,=1",
                                     'a";=1', "\r\n=1", "＝1", "a|\t=1", "\x1b[31m", "u\u202e1"])
def test_no_student_is_a_formula(student: str) -> None:
    (row,) = rendered("gradebook", EVERY_VERDICT, Context(student=student))
    assert row["id"]
    roster = ({"id": student, "name": student, "=1+1": "=2"},)
    rules.check_gradebook(gradebook.table([Entry(student, EVERY_VERDICT)], Course(roster=roster)))


def test_a_plain_name_stays_as_it_is() -> None:
    assert [gradebook.cell(name) for name in ("Ann-Lee O'Hara", "Müller, Bo", "x=1", "a@b.org")] == [
        "Ann-Lee O'Hara", "Müller, Bo", "x=1", "a@b.org"]


# ---- what each format says ----

def test_gradescope_names_and_numbers_every_test() -> None:
    found = rendered("gradescope", WEIGHTED)
    assert found["score"] == WEIGHTED["score"]
    assert [(t["number"], t["status"]) for t in found["tests"]][:2] == [("1.1", "passed"),
                                                                     ("1.2", "failed")]
    assert found["tests"][-1]["name"] == "integrated: all files together"
    assert (found["tests"][-1]["score"], found["tests"][-1]["max_score"]) == (30.5, 61)


def test_junit_takes_apart_what_is_wrong_what_broke_and_what_is_not_there() -> None:
    cases = {case.get("name"): [element.tag for element in case]
             for results in (EVERY_VERDICT, BROKEN_IN_PART)
             for case in rendered("junit", results).iter("testcase")}
    assert cases["starts_empty"] == []
    for name in ("exact_counts", "exhaustion", "many_blocks", "first_blocks", "malloc/huge"):
        assert cases[name] == ["failure"]
    assert cases["coalescing"] == cases["nothing"] == ["skipped"]
    assert cases["huge"] == ["error"]


def test_autolab_has_a_problem_a_lab() -> None:
    assert rendered("autolab", EVERY_VERDICT) == {"buddy": 6.5, "malloc": 0}
    assert rendered("autolab", WEIGHTED) == {"buddy": 6.5, "malloc": 0, "integrated": 30.5}


def test_prairielearns_score_is_a_share() -> None:
    assert rendered("prairielearn", EVERY_VERDICT)["score"] == pytest.approx(6.5 / 140, abs=1e-6)


@pytest.mark.parametrize(("scores", "whole"), [
    ([], []), ([0.5], [1]), ([0.5, 0.5], [1, 0]), ([2.25, 2.25, 2.5], [2, 3, 2]),
    ([4, 0, 7.99], [4, 0, 8]), ([0.1] * 10, [0, 0, 0, 0, 1, 0, 0, 0, 0, 0]),
])
def test_whole_scores_add_up(scores: list[float], whole: list[int]) -> None:
    assert classroom50.whole(scores) == whole


def test_classroom50_says_what_its_runner_told_it() -> None:
    said = {"CLASSROOM": "os", "ASSIGNMENT": "buddy", "ASSIGNMENT_TYPE": "group", "OWNER": "ann",
            "SUBMISSION_TAG": "submit/1", "COMMIT_URL": "https://x/c", "RELEASE_URL": "https://x/r",
            "REVIEW_URL": "https://x/d"}
    found = rendered("classroom50", EVERY_VERDICT, Context(said))
    assert [found[key] for key in ("classroom", "assignment", "assignment_type", "owner",
                                   "submission", "commit", "release", "review")] == [*said.values()]


# ---- the gradebook ----

DUE = datetime(2030, 10, 19, 12, tzinfo=timezone.utc)
RULES = Course(weights={"buddy": Fraction(20), "malloc": Fraction(81, 2)},
               dates={"buddy": Dates(DUE - timedelta(days=14), DUE, DUE + timedelta(days=7))},
               late=Late(Fraction(10), timedelta(minutes=15), Fraction(50)))
GOOD = rules.results(rules.lab("buddy", rules.test_entry("t", "fail", 80, 100, "slow")),
                     rules.lab("malloc", rules.test_entry("t", "pass", 100, 100)))


def row(submitted: datetime | None, results: dict = GOOD, course: Course = RULES) -> dict:
    """One student's line."""
    (found,) = rules.check_gradebook(gradebook.table([Entry("u1", results, submitted)], course))
    return found


@pytest.mark.parametrize(("days", "late", "counts", "total"), [
    (0, "0", "16", "56.5"), (1.9, "20", "12.8", "53.3"), (6.5, "50", "8", "48.5"),
    (8, "100", "0", "40.5"),
])
def test_lateness_counts_for_the_lab_that_was_late(days: float, late: str, counts: str,
                                                  total: str) -> None:
    found = row(DUE + timedelta(days=days))
    assert (found["buddy"], found["buddy late %"], found["buddy counts"]) == ("80", late, counts)
    assert (found["malloc counts"], found["total"], found["maximum"]) == ("40.5", total, "60.5")
    assert found["remarks"] == ("buddy: handed in after the last day that it is taken, counts 0" if late == "100" else "")


def test_what_was_handed_in_before_the_release_does_not_count() -> None:
    found = row(DUE - timedelta(days=15))
    assert (found["buddy"], found["buddy counts"], found["maximum"]) == ("80", "0", "60.5")
    assert "before its release" in found["remarks"]
    assert row(DUE - timedelta(days=14))["buddy counts"] == "16", "at the very moment it is out"


def test_a_lab_without_anything_in_it_is_neither_early_nor_late_and_the_maximum_stays() -> None:
    """With dates on all labs, who handed in the first one in its first week has the others as they were handed out."""
    stubs = rules.results(rules.lab("buddy", rules.test_entry("t", "pass", 100, 100)),
                          rules.lab("malloc", rules.test_entry("t", "todo", 0, 100), rules.test_entry("u", "not-run", 0, 10)))
    course = replace(RULES, dates={**RULES.dates, "malloc": Dates(DUE + timedelta(days=9), DUE + timedelta(days=20))})
    for submitted in (DUE, DUE + timedelta(days=2), DUE + timedelta(days=30)):
        found = row(submitted, stubs, course)
        assert (found["malloc late %"], found["malloc counts"], found["maximum"]) == ("0", "0", "60.5")
        assert "malloc" not in found["remarks"]
    nothing = gradebook.table([Entry("u1", GOOD, DUE), Entry("u2", None)], RULES)
    assert {line["maximum"] for line in rules.check_gradebook(nothing)} == {"60.5"}


def test_without_a_time_nobody_is_late_and_it_is_said() -> None:
    found = row(None)
    assert found["total"] == "56.5"
    assert found["remarks"] == "buddy: no time of submission, so nothing is taken off"
    both = row(None, course=replace(RULES, dates={**RULES.dates, "malloc": RULES.dates["buddy"]}))
    assert both["remarks"] == "buddy, malloc: no time of submission, so nothing is taken off"


def test_without_rules_the_points_are_those_of_the_results() -> None:
    found = row(None, WEIGHTED, Course())
    assert float(found["total"]) == WEIGHTED["score"]
    assert float(found["maximum"]) == WEIGHTED["max_score"]
    assert found["remarks"] == ""


def test_everybody_in_the_roster_has_a_line_in_its_order() -> None:
    roster = tuple({"id": i, "name": f"N {i}", "group": "A"} for i in ("u3", "u1", "u2"))
    text = gradebook.table([Entry("u1", GOOD, DUE), Entry("x9", GOOD, DUE), Entry("u2", None)],
                           Course(roster=roster))
    found = rules.check_gradebook(text)
    assert [(line["id"], line["name"], line["group"], line["total"], line["remarks"])
            for line in found] == [
        ("u3", "N u3", "A", "", "nothing handed in"), ("u1", "N u1", "A", "180", ""),
        ("u2", "N u2", "A", "", "not graded: the grading broke"),
        ("x9", "", "", "180", "not in the roster")]


def test_one_grading_says_nothing_of_the_others_in_the_roster() -> None:
    course = Course(roster=tuple({"id": i, "name": f"N {i}", "group": "A"} for i in ("u3", "u1")))
    for student, name, remarks in (("u1", "N u1", ""), ("x9", "", "not in the roster")):
        (found,) = rendered("gradebook", GOOD, Context(student=student, course=course))
        assert (found["id"], found["name"], found["group"], found["remarks"]) == (
            student, name, "A" if name else "", remarks)
    (found,) = rules.check_gradebook(FORMATS["gradebook"].broken("no disk", Context(student="u1", course=course)))
    assert (found["name"], found["total"]) == ("N u1", "")


def test_two_submissions_of_one_student_are_a_mistake() -> None:
    with pytest.raises(GraderError, match="more than one submission"):
        gradebook.table([Entry("u1", GOOD), Entry("u1", GOOD)], Course())


def test_examples_have_their_points_wherever_the_course_gives_some() -> None:
    assert rendered("autolab", EXAMPLES)["examples"] == 7.5
    found = rendered("gradescope", EXAMPLES)
    assert [test["score"] for test in found["tests"] if test["name"].startswith("examples: ")] == [7.5, 0]
    assert "examples" not in row(None, WEIGHTED, Course())
    line = row(None, EXAMPLES, Course())
    assert (line["examples"], float(line["total"]), float(line["maximum"])) == ("7.5", EXAMPLES["score"],
                                                                               EXAMPLES["max_score"])
