"""Points by figures: how they are reckoned, and what the labs' efficiency tests rest on.

That the reference and the alternatives stay below the limits, and the linear mutants do not, is
tested where all of them are graded (test_mutants.py).
"""

from __future__ import annotations

import ast
import inspect
import io
from fractions import Fraction
from types import SimpleNamespace

import pytest
from conftest import OWN
from judging import missing_sentences
from rich.console import Console

from grader.course import labs
from grader.course.labs import Lab
from grader.evidence.records import Run
from grader.grading.outcome import Measured, NotPassed, Outcome
from grader.grading.play import Played
from grader.judging.judge import Ending
from grader.judging.verdict import Verdict
from grader.mutants import sources
from grader.reporting import results
from grader.reporting.report import TerminalReport
from grader.scenarios import lab_files
from grader.scenarios.scenario import Scenario
from grader.scenarios.stream import Stream

LABS = labs.all_labs()
STEPS = {10: Fraction(1), 20: Fraction(1, 2)}


def judge(*figures: Measured) -> None:
    """Gives points by these figures."""
    Outcome([]).earns_by_steps(*figures, sentence="It is quick.", header="kernel/mm/buddy.h")


def calls(lab: Lab) -> dict[str, ast.Call]:
    """The tests of a lab that give points by figures, and where they do."""
    return {name: call for name, test in lab.graded_tests.items()
            for call in ast.walk(ast.parse(inspect.getsource(test)))
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)
            and call.func.attr == "earns_by_steps"}


@pytest.mark.parametrize(("few", "many", "times"), [(56, 144, 1.88), (200, 400, 2), (6000, 9000, 4), (400, 200, 0.5)])
def test_growth_takes_neither_too_little_nor_too_much_for_few(monkeypatch: pytest.MonkeyPatch, few: int, many: int,
                                                              times: float) -> None:
    monkeypatch.setattr(Outcome, "cost", lambda self, scenario, *others: (few, many)[scenario])
    assert Outcome([]).growth("free") == pytest.approx(times)


def test_figures_up_to_their_first_limits_earn_everything() -> None:
    judge(Measured("cost", "time", 10, STEPS), Measured("growth", "it grows", 1, STEPS))


def test_figures_are_told_of_a_test_that_passes_too() -> None:
    outcome = Outcome([])
    outcome.earns_by_steps(Measured("cost", "time", 9.126, STEPS), Measured("growth", "it grows", 1, STEPS),
                           sentence="It is quick.", header="kernel/mm/buddy.h")
    assert outcome.figures == ["cost: 9.13, and at most 10 for all points", "growth: 1.00, and at most 10 for all points"]
    told = results.TestResult("quick", Verdict.PASS, 4, Fraction(1), figures=tuple(outcome.figures))
    console = Console(record=True, width=120, file=io.StringIO())
    TerminalReport(console).on_test(LABS[0], told)
    shown = console.export_text()
    assert all(figure in shown for figure in outcome.figures)


@pytest.mark.parametrize("figures", [(11, 1), (1, 20), (11, 20)])
def test_the_worst_figure_decides(figures: tuple[float, float]) -> None:
    with pytest.raises(NotPassed) as raised:
        judge(*(Measured("cost", "time", value, STEPS) for value in figures))
    assert raised.value.share == Fraction(1, 2)


def test_the_message_is_about_the_worst_figure_and_has_all_steps() -> None:
    with pytest.raises(NotPassed) as raised:
        judge(Measured("cost", "time", 11, STEPS), Measured("growth", "it grows", 20.5, STEPS))
    found = raised.value.finding
    assert raised.value.share == 0
    assert (found.rule, found.seen) == ("it grows", "20.50")
    assert found.expected == "at most 10: 100% of the points, at most 20: 50% of the points"


def test_who_prints_is_told_that_it_takes_time() -> None:
    outcome = Outcome([Played(Scenario("buddy", "t", ()), Run(0, "t", output=["freed"] * 12), Ending.POWER_OFF)])
    for what, told in (("instructions for an operation", "11.00; printed meanwhile: 12 lines, which takes "
                        "instructions, too"), ("pages for what is in use", "11.00")):
        with pytest.raises(NotPassed) as raised:
            outcome.earns_by_steps(Measured("cost", what, 11, STEPS), sentence="It is quick.", header="kernel/mm/buddy.h")
        assert raised.value.finding.seen == told


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.slug)
def test_what_a_figure_is_asked_for_stands_in_the_header(lab: Lab) -> None:
    for name, call in calls(lab).items():
        header = inspect.getmodule(lab.graded_tests[name]).HEADER
        sentences = [ast.literal_eval(node.value) for node in ast.walk(call)
                     if isinstance(node, ast.keyword) and node.arg == "sentence"]
        assert sentences
        for sentence in sentences:
            rule = SimpleNamespace(sentence=sentence, header=header)
            assert missing_sentences(SimpleNamespace(**{name: rule})) == []


def test_a_figure_may_have_a_sentence_of_its_own() -> None:
    figures = [Measured(name, "time", value, STEPS, sentence)
               for name, value, sentence in (("cost", 9, ""), ("growth", 21, "It never grows."))]
    with pytest.raises(NotPassed) as failed:
        judge(*figures)
    assert failed.value.finding.sentence == "It never grows."
    assert figures[0].finding("It is quick.", "kernel/mm/buddy.h").sentence == "It is quick."


@pytest.mark.parametrize("lab", OWN, ids=lambda lab: lab.slug)
def test_a_linear_mutant_stands_against_each_labs_efficiency_test(lab: Lab) -> None:
    assert {mutant.caught_by for mutant in sources.written(lab)} & calls(lab).keys()


def test_a_refused_free_that_is_measured_is_as_long_among_few_units_as_among_many() -> None:
    """Who looks at all of its units, one after the other, takes the time that the header allows."""
    costs = lab_files.module(labs.find("buddy").folder, "costs")
    few, many = ([operation.arguments[-1] for operation in costs.refused(Stream("few or many"), index)
                  if operation.verb == "free"] for index in (0, 1))
    assert few == many
    assert max(map(int, few)) <= 10
