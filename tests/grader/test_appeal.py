"""`make explain`: from the record to the sentence to the points; everything it says can be looked up."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT, skeleton
from grader.appeal.checked import panic_rules, rules_for
from grader.appeal.contract import line_of
from grader.course import labs
from grader.mutants import sources

TAKES_ALL = skeleton("*start = 0; return b->units;")


@pytest.fixture
def explained(marionette: Callable) -> Callable[..., str]:
    """What `make explain` prints about a test."""
    def explain(test: str, folder: Path, *options: str) -> str:
        done = marionette("explain", "--test", test, "--submission", folder, *options)
        assert done.returncode == 0, done.stderr
        return done.stdout
    return explain


# ---- where a sentence stands ----

def test_a_sentence_is_found_on_the_line_that_it_begins_on(tmp_path: Path) -> None:
    (tmp_path / "a.h").write_text("int a;\n// One. Two\n//   - three\nint b; // four.\n")
    assert line_of("a.h", "One. Two three", tmp_path) == 2
    assert line_of("a.h", "Two   three\nfour.", tmp_path) == 2
    assert line_of("a.h", "three four.", tmp_path) == 3
    assert line_of("a.h", "four.", tmp_path) == 4
    assert line_of("a.h", "Three", tmp_path) is None
    assert line_of("a.h", "int b;", tmp_path) is None


@pytest.mark.parametrize("lab", labs.all_labs(), ids=lambda lab: lab.slug)
def test_every_rules_sentence_has_a_line(lab: labs.Lab) -> None:
    for name, rule in vars(lab.oracle.RULE).items():
        line = line_of(rule.header, rule.sentence)
        assert line, name
        first = rule.sentence.split()[0]
        assert first in (ROOT / rule.header).read_text().splitlines()[line - 1], name


# ---- what is checked ----

@pytest.mark.parametrize("lab", labs.all_labs(), ids=lambda lab: lab.slug)
def test_every_rule_is_some_operations(lab: labs.Lab) -> None:
    """None is left out where a passing test's explanation lists what was held against its records."""
    verbs = re.findall(r"^    def _(\w+)\(self, record", (lab.folder / "oracle.py").read_text(),
                       re.MULTILINE)
    found = {rule for verb in verbs for rule in rules_for(lab, verb)} | set(panic_rules(lab))
    assert found == set(vars(lab.oracle.RULE).values())


def test_an_operations_rules_are_its_own() -> None:
    lab = labs.find("buddy")
    own = [rule.name for rule in rules_for(lab, "init") if "nothing beside" not in rule.name]
    assert own == ["state size", "keeps to its state"]
    assert "coalescing" in {rule.name for rule in rules_for(lab, "alloc")}
    assert "coalescing" not in {rule.name for rule in rules_for(lab, "free")}


# ---- the explanation ----

def test_a_broken_sentence(explained: Callable, submission: Callable) -> None:
    text = explained("buddy/exact_counts", submission(TAKES_ALL))
    assert text.startswith("buddy/exact_counts: fail, 0 of 8 points\n")
    assert "  => @3 alloc 1 1 -> count=64 start=0\n" in text
    assert "  expected: at most 1 unit\n  seen:     64 units: units 0 to 63\n" in text
    line = int(re.search(r"kernel/mm/buddy\.h:(\d+)", text)[1])
    header = (ROOT / "kernel" / "mm" / "buddy.h").read_text().splitlines()
    assert "Allocates between `min` and `max` consecutive units." in header[line - 1]
    assert "0 of 8, 8 lost. A test is all or nothing" in text
    assert 'It is 8 of the 50 points of the rung "Blocks: powers of two"' in text


def test_the_seed_decides_what_is_shown(explained: Callable, submission: Callable) -> None:
    folder = submission(TAKES_ALL)
    assert (explained("buddy/any_history", folder, "--seed", "7")
            == explained("buddy/any_history", folder, "--seed", "7"))
    assert "seed 7; as the kernel wrote it" in explained("buddy/any_history", folder, "--seed", "7")


def test_a_passing_test(explained: Callable) -> None:
    text = explained("buddy/double_free", ROOT / "solutions")
    assert text.startswith("buddy/double_free: pass, 6 of 6 points\n")
    assert re.search(r"one owner \(\d+ alloc, \d+ ask\)", text)
    assert re.search(r"What had to panic, and did\n  \d+ times: double free panics\n", text)
    assert "6 of 6.\n" in text


def test_a_stub_and_a_file_that_does_not_compile(explained: Callable, submission: Callable) -> None:
    text = explained("buddy/starts_empty", ROOT / "kernel" / "mm")
    assert "=> !1 todo eip=0x" in text
    assert "todo() was reached before anything was broken" in text
    text = explained("buddy/starts_empty", submission("int x = 1 +;\n"))
    assert text.startswith("buddy/starts_empty: build, 0 of 4 points")
    assert "kernel/mm/buddy.cpp:1:12: error: " in text and "There was nothing to run." in text


def test_a_crash_is_explained_with_the_lines_around_it(explained: Callable, submission: Callable) -> None:
    text = explained("buddy/exact_counts", submission(skeleton("return *reinterpret_cast<volatile size_t *>(64);")))
    _, _, broke = text.partition("What broke\n")
    assert re.search(r"^  ->\s+\d+ .*reinterpret_cast<volatile size_t \*>\(64\)", broke, re.MULTILINE)


def test_instructions_are_counted_on_request(explained: Callable) -> None:
    title = "Instructions, by kind of operation"
    assert title not in explained("buddy/double_free", ROOT / "solutions")
    text = explained("buddy/double_free", ROOT / "solutions", "--cost", "1")
    assert re.search(title + r".*\n  (alloc|free|init): +\d+ in all, \d+ times", text)
    assert text.startswith("buddy/double_free: pass, ")


def test_a_test_of_speed(explained: Callable, submission: Callable) -> None:
    slow = next(each for each in sources.written(labs.find("buddy")) if each.name == "scans_the_bitmap")
    folder = submission(slow.text)
    text = explained("buddy/logarithmic", folder)
    assert "What was played, every instruction counted\n  28 scenarios, " in text
    assert "expected: at most 4: 100% of the points, at most 12: 50% of the points" in text
    assert re.search(r"\"Takes time O\(log units\), .*\n +kernel/mm/buddy.h:\d+", text)
    assert "The steps above say how many there are for what." in text
    _, _, dearest = text.partition("Instructions, by kind of operation, and the dearest of each\n")
    assert re.match(r"  free: +(\d+) in all, \d+ times, [\d.]+ in the mean, \d+ to \d+\n", dearest)
    ranked = [int(cost) for cost in re.findall(r"^ +(\d+)  logarithmic-\d+, operation \d+: ", dearest, re.MULTILINE)]
    kinds = re.findall(r"^  (\w+): +\d+ in all, (\d+) times?, ", dearest, re.MULTILINE)
    assert len(kinds) > 1 and len(ranked) == sum(min(3, int(times)) for _, times in kinds)
    assert ranked[:3] == sorted(ranked[:3], reverse=True)


def test_a_test_of_speed_that_passed(explained: Callable) -> None:
    """The sentence that it is about is among those that were held against it."""
    text = explained("buddy/logarithmic", ROOT / "solutions")
    assert text.startswith("buddy/logarithmic: pass, 6 of 6 points\n")
    _, _, measured = text.partition("What was measured, every instruction counted\n  grows like log n: times as many")
    assert re.match(r".*\n  expected: at most 4: 100% of .*\n  seen:     [\d.]+\n +\"Takes time O\(log units\), .*"
                    r"\n +kernel/mm/buddy.h:\d+\n", measured)


def test_what_a_kernel_printed_is_no_command_to_a_terminal(explained: Callable,
                                                          submission: Callable) -> None:
    text = explained("buddy/starts_empty",
                     submission(skeleton(r'panic("\x1b[2J\x9b1m gone");')))
    assert "gone" in text
    assert not re.search(r"[^\n\x20-\x7e\xa0-\U0010ffff]", text)


@pytest.mark.parametrize(("test", "said"), [
    ("", "TEST= is missing"), ("buddy", "TEST=buddy: a lab and a test were expected"),
    ("bunny/x", "there is no lab 'bunny'"), ("buddy/x", "lab buddy has no test 'x', only: "),
])
def test_a_test_that_there_is_not(marionette: Callable, test: str, said: str) -> None:
    done = marionette("explain", "--test", test, "--submission", ROOT / "solutions")
    assert done.returncode == 2
    assert said in done.stderr
