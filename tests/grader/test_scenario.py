"""The scenario format: what is written can be read again, and what is wrong is answered clearly."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import BadScenario, GraderError
from grader.scenarios import scenario
from grader.scenarios.scenario import Operation, Scenario

NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,6}", fullmatch=True)
VERBS = st.sampled_from(["init", "alloc", "free", "comb"])
NUMBERS = st.integers(0, 2**64 - 1).flatmap(lambda n: st.sampled_from([str(n), hex(n)]))
SHIFTED = st.tuples(NAMES, st.sampled_from("+-"), NUMBERS).map("".join)
OPERATIONS = st.builds(Operation, VERBS, st.lists(NUMBERS | NAMES | SHIFTED, max_size=6).map(tuple),
                       st.just("") | NAMES)
TITLES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,59}", fullmatch=True)
SCENARIOS = st.builds(Scenario, st.sampled_from(["buddy", "malloc"]), TITLES,
                      st.lists(OPERATIONS, max_size=8).map(tuple), st.booleans(),
                      st.none() | st.integers(0, 2**64 - 1))


@settings(derandomize=True, database=None, max_examples=60, deadline=None)
@given(st.lists(SCENARIOS, min_size=1, max_size=4), st.integers(0, 2**32 - 1))
def test_what_is_written_is_read_again(scenarios: list[Scenario], key: int) -> None:
    assert scenario.parse(scenario.script(scenarios, key), "x") == scenarios


def test_comments_blanks_and_line_ends_do_not_matter() -> None:
    text = ("marionette-scenario 1  # the format\r\n\n lab\tbuddy\nkey 0x1F\n# nothing\n"
            "scenario a\n  init 16#16 units\na =\talloc  1 0x10\r\nfree a+1 2")
    assert scenario.parse(text, "x") == [Scenario("buddy", "a", (
        Operation("init", ("16",)), Operation("alloc", ("1", "0x10"), "a"),
        Operation("free", ("a+1", "2"))))]


def test_operations_know_their_lines() -> None:
    text = "marionette-scenario 1\nlab buddy\n\nscenario a\n# \x0c no new line\ninit 16\n\nfree 0 1"
    (found,) = scenario.parse(text, "x")
    assert [operation.line for operation in found.operations] == [6, 8]
    assert found.lab_line == 2


def test_directives_belong_to_their_own_scenario() -> None:
    text = ("marionette-scenario 1\nlab buddy\nscenario a\nlimit 010\nscenario b\nmeasure\n"
            "scenario c\n")
    assert [(s.title, s.limit, s.measure) for s in scenario.parse(text, "x")] == [
        ("a", 10, False), ("b", None, True), ("c", None, False)]


@pytest.mark.parametrize(("word", "value"), [("0", 0), ("007", 7), ("0x1f", 31), ("0xFF", 255)])
def test_numbers_are_decimal_or_begin_with_0x(word: str, value: int) -> None:
    assert scenario.number(word) == value


HEAD = "marionette-scenario 1\nlab buddy\nscenario a\n"
HEADER_RULE = ("expected: lab NAME, key NUMBER, patience NUMBER, budget NUMBER, apart, test NAME or "
               "scenario NAME")
NAME_RULE = "a small letter, then up to 6 small letters and digits"
ARGUMENT_RULE = "neither a number nor the name of a result (with +N or -N)"


@pytest.mark.parametrize(("text", "line", "expected"), [
    ("", 1, "expected: marionette-scenario 1"),
    ("lab buddy\n", 1, "expected: marionette-scenario 1"),
    ("marionette-scenario 2\nlab buddy\nscenario a\n", 1, "expected: marionette-scenario 1"),
    ("\nmarionette-scenario 1\n", 1, "expected: marionette-scenario 1"),
    ("marionette-scenario 1\nlab\n", 2, "expected: lab NAME"),
    ("marionette-scenario 1\n\nlab a b\n", 3, "expected: lab NAME"),
    (HEAD + "init 16\nlab a b\n", 5, "expected: lab NAME"),
    ("marionette-scenario 1\nkey abc\n", 2, HEADER_RULE),
    ("marionette-scenario 1\nkey\n", 2, HEADER_RULE),
    ("marionette-scenario 1\napart 1\n", 2, HEADER_RULE),
    ("marionette-scenario 1\nlab buddy\ninit 16\n", 3, HEADER_RULE),
    ("marionette-scenario 1\n\nscenario a\n", 3, "expected before the first scenario: lab NAME"),
    ("marionette-scenario 1\nlab buddy\n\n# and that is all\n", 4, "expected: scenario NAME"),
    ("marionette-scenario 1\nlab buddy\nscenario\n", 3, "expected: scenario NAME"),
    (HEAD + "scenario two words\n", 4, "expected: scenario NAME"),
    (HEAD + "scenario -a\n", 4, "expected: scenario NAME"),
    (HEAD + "scenario " + "a" * 61 + "\n", 4, "up to 60 letters"),
    (HEAD + "measure\nlimit\n", 5, "expected: limit INSTRUCTIONS"),
    (HEAD + "init 16\nlimit 9\n", 5, "expected before the scenario's first operation: limit"),
    (HEAD + "init 16\nmeasure\n", 5, "expected before the scenario's first operation: measure"),
    (HEAD + "limit many\n", 4, "expected: limit INSTRUCTIONS"),
    (HEAD + "limit 1 2\n", 4, "expected: limit INSTRUCTIONS"),
    (HEAD + "init 16\n\nA = alloc 1 1\n", 6, f"'A' is no name: {NAME_RULE}"),
    (HEAD + "toolong8 = alloc 1 1\n", 4, f"'toolong8' is no name: {NAME_RULE}"),
    (HEAD + "1a = alloc 1 1\n", 4, f"'1a' is no name: {NAME_RULE}"),
    (HEAD + "init sixteen!\n", 4, f"'sixteen!' is {ARGUMENT_RULE}"),
    (HEAD + "init -1\n", 4, f"'-1' is {ARGUMENT_RULE}"),
    (HEAD + "init 0x\n", 4, f"'0x' is {ARGUMENT_RULE}"),
    (HEAD + "init 16\nfree a+b 1\n", 5, f"'a+b' is {ARGUMENT_RULE}"),
    (HEAD + "a = \n", 4, f"'=' is {ARGUMENT_RULE}"),
])
def test_a_wrong_line_is_named_with_what_was_expected(text: str, line: int, expected: str) -> None:
    with pytest.raises(BadScenario) as caught:
        scenario.parse(text, "some.scenario")
    assert str(caught.value).startswith(f"some.scenario:{line}: ")
    assert expected in str(caught.value)


def test_a_file_that_is_no_text_is_named_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "x.scenario"
    path.write_bytes(HEAD.encode() + b"init 16 # \xff\n")
    with pytest.raises(BadScenario, match="x.scenario:4: expected: plain ASCII text"):
        scenario.load(path)


def test_another_systems_line_ends_and_mark_are_no_matter(tmp_path: Path) -> None:
    text = HEAD + "init 16\nfree 0 16\n"
    (tmp_path / "x.scenario").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert scenario.load(tmp_path / "x.scenario") == scenario.parse(text, "x.scenario")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="missing.scenario can't be read: No such file"):
        scenario.load(tmp_path / "missing.scenario")


def test_the_documents_example() -> None:
    text = (ROOT / "docs" / "scenarios.md").read_text()
    example = "".join(line.removeprefix("    ") + "\n" for line in text.splitlines()
                      if line.startswith("    ")).partition("script ")[0]
    (found,) = scenario.parse(example, "docs/scenarios.md")
    assert found.title == "three-of-eight"
    assert [o.verb for o in found.operations] == ["init", "free", "alloc", "free", "free"]


def test_the_kits_own_scenarios_are_in_the_format() -> None:
    paths = sorted(ROOT.glob("labs/*/scenarios/*.scenario"))
    assert paths
    for path in paths:
        assert scenario.load(path), path
