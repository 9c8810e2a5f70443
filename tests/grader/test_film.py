"""Films: what the report's pictures are made of. They say what the records say, step by step."""

from __future__ import annotations

import json

import pytest
from broken import KERNEL_BASE, TABLES, cases
from judging import played

from grader.course import labs
from grader.course.labs import Lab
from grader.evidence.snapshot import Snapshot
from grader.judging.judge import Finding
from grader.judging.verdict import Verdict
from grader.page import film
from grader.page.film import Film


def filmed(lab: Lab, text: str, wrong_at: int = 0) -> Film:
    """The film of records; the operation `wrong_at` is what went wrong, if any is."""
    scenario, run = played(lab, text)
    finding = Finding(Verdict.FAIL, "a rule", wrong_at) if wrong_at else None
    return film.make(lab, scenario, run, finding, KERNEL_BASE)


def states(shown: Film) -> list[dict]:
    """The items of all panels after each step, put together as the page does it."""
    state: dict[str, dict] = {}
    after = []
    for step in shown.steps:
        for name, keys in step.gone.items():
            for key in keys:
                del state[name][key]
        for name, items in step.put.items():
            state.setdefault(name, {}).update(items)
        after.append({name: {key: item for key, item in items.items() if key}
                      for name, items in state.items()})
    return after


SHORT = ("init 8 -> size=64; free 0 8 -> ok; alloc 3 3 -> count=3 start=0; alloc 4 4 -> count=4 "
         "start=4; free 1 1 -> ok")


def test_each_state_is_what_the_records_say(buddy: Lab) -> None:
    """Who holds which units, and what is free."""
    assert [after["units"] for after in states(filmed(buddy, SHORT))] == [
        {},
        {"f0": [0, 8]},
        {"f3": [3, 8], "a0": [0, 3, 3]},
        {"f3": [3, 4], "a0": [0, 3, 3], "a4": [4, 8, 4]},
        {"f1": [1, 2], "f3": [3, 4], "a0": [0, 1, 3], "a2": [2, 3, 3], "a4": [4, 8, 4]}]


def test_a_step_has_only_what_it_changed(buddy: Lab) -> None:
    """A film of thousands of operations has to stay small."""
    step = filmed(buddy, SHORT).steps[3]
    assert step.put == {"units": {"f3": [3, 4], "a4": [4, 8, 4]}}
    assert step.gone == {}
    assert step.at == [["units", 4, 8]]


def test_nothing_is_shown_of_what_came_after_the_finding(buddy: Lab) -> None:
    """After the first wrong operation the model is nobody's memory."""
    shown = filmed(buddy, SHORT, wrong_at=3)
    assert [step.number for step in shown.steps] == [1, 2, 3]
    assert shown.wrong == {"wanted": [["units", 0, 3]], "put": {}, "gone": {}}
    assert shown.steps[-1].at == [["units", 0, 3]]


def test_an_operation_that_did_not_come_back_is_the_last_step(buddy: Lab) -> None:
    """There is no record of it: what is known stands in the finding."""
    scenario, run = played(buddy, "init 8 -> size=64; free 0 8 -> ok; free 2 3 -> ok")
    run.records.pop()
    finding = Finding(Verdict.HANG, "it does not come back", 3, "free 2 3", seen="hang: 3 s")
    last = film.make(buddy, scenario, run, finding, KERNEL_BASE).steps[-1]
    assert (last.number, last.outcome, last.at) == (3, "hang: 3 s", [["units", 2, 5]])


def test_a_panic_that_was_due_changes_nothing(buddy: Lab) -> None:
    """The double free is a step of its own, and the state stays."""
    after = states(filmed(buddy, "init 8 -> size=64; free 0 4 -> ok; free 2 1 -> panic"))
    assert after[1] == after[2]


def test_a_lab_without_pictures_has_the_operations(buddy: Lab, monkeypatch) -> None:
    """A new lab needs no picture.py."""
    monkeypatch.setattr(Lab, "new_picture", lambda self, oracle: None)
    shown = filmed(buddy, SHORT, wrong_at=4)
    assert [step.text for step in shown.steps] == ["init 8", "free 0 8", "alloc 3 3", "alloc 4 4"]
    assert states(shown)[-1] == {}


@pytest.mark.parametrize("slug", TABLES)
def test_every_broken_rule_can_be_drawn(slug: str) -> None:
    """Whatever a wrong record says: addresses beyond the end, lengths that wrap around."""
    for case in cases(slug):
        shown = film.make(case.lab, case.scenario, case.run, case.finding, KERNEL_BASE)
        assert shown.steps[-1].number == case.finding.operation, case.rule
        json.dumps(shown.as_json())
        states(shown)


def long_film(operations: int) -> Film:
    """A unit is taken and comes back, over and over."""
    lines = ["init 64 -> size=64", "free 0 64 -> ok"]
    for i in range(operations // 2):
        lines += [f"alloc 1 1 -> count=1 start={i % 2}", f"free {i % 2} 1 -> ok"]
    return filmed(labs.find("buddy"), "\n".join(lines), wrong_at=len(lines))


def test_a_long_film_loses_its_beginning(buddy: Lab) -> None:
    """What is left shows the same states under the same numbers."""
    whole = long_film(400)
    short = film.shortened(whole, 4000)
    assert len(json.dumps(short.as_json())) < 5000
    assert short.steps[0].number == short.earlier + 1 > 1
    assert short.steps[-1].number == whole.steps[-1].number
    assert states(short) == states(whole)[short.earlier:]
    assert short.wrong == whole.wrong


def test_the_last_step_is_always_there() -> None:
    """Even where there is no room for it."""
    assert len(film.shortened(long_film(20), 0).steps) == 1


def test_a_table_of_junk_is_not_drawn_whole() -> None:
    """A million pages that should not be there, no two of them side by side."""
    lab = labs.find("paging")
    table = tuple(2 * i << 13 | 7 for i in range(1024))
    junk = Snapshot(1 << 31, 0x8000, 0, (0xA007,) * 1024, dict.fromkeys(range(1024), table))
    scenario, run = played(lab, "boot -> ok; inspect -> ok", [junk])
    shown = film.make(lab, scenario, run, Finding(Verdict.FAIL, "a rule", 2), KERNEL_BASE)
    assert 0 < len(shown.wrong["put"]["1"]) <= 65
    assert shown.size() < 10_000


def test_a_state_that_takes_too_much_room_is_left_out() -> None:
    """The operations stay, and what went wrong."""
    short = film.shortened(filmed(labs.find("buddy"), "\n".join(
        ["init 4096 -> size=64", "comb 0 2 2048 -> ok", "alloc 1 1 -> count=1 start=0"])), 1000)
    assert short.steps[-1].number == 3
    assert short.size() < 1000
    assert not any(step.put or step.gone for step in short.steps)
