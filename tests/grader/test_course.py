"""course.toml: weights, dates, the roster, and every mistake that can be made in it."""

from __future__ import annotations

import textwrap
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path

import pytest

from conftest import ROOT
from grader.course import course
from grader.errors import GraderError
from grader.reporting.results import LabResult, Results


def stage_tests(*scores: int | None) -> list[dict]:
    """The integrated stage's tests, by their points."""
    return [{"name": f"t{i}", "verdict": "pass", "score": score, "max_score": 1, "message": ""}
            for i, score in enumerate(scores)]


def total(weight: int, *scores: int | None) -> tuple:
    """The whole grading's points and maximum, without any lab."""
    results = Results("1", "qemu", [LabResult("buddy")],
                      course.Course(weight).integrated_stage(stage_tests(*scores)))
    return results.score, results.max_score


@pytest.mark.parametrize(("weight", "scores", "expected"), [
    (0, (1, 0), (0, 0)),
    (60, (1, 1, 0), (40, 60)),
    (60, (0, 0, 0), (0, 60)),  # not handed in: nothing, and not no score
    (60, (1, None), (None, 60)),  # infrastructure broke
    (0, (1, None), (0, 0)),  # it broke where nothing depends on it
])
def test_weight(weight: int, scores: tuple, expected: tuple) -> None:
    assert total(weight, *scores) == expected


@pytest.mark.parametrize("text", ["[integrated]\nweight = -1\n", "[integrated]\nweight = 'much'\n",
                                  "integrated = 3\n", "[integrated\n"])
def test_what_is_wrong_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "course.toml"
    path.write_text(text)
    with pytest.raises(GraderError, match=str(path)):
        course.load(path)


def test_without_a_file_the_kits_own(tmp_path: Path) -> None:
    assert course.load(tmp_path / "none.toml") == course.Course()


# ---- what the whole file can say ----

EVERYTHING = """\
[integrated]
weight = 60
[weights]
buddy = 20
malloc = 12.5
[dates.buddy]
release = 2030-10-05T08:00:00+02:00
due = 2030-10-19T23:59:00+02:00
late = 2030-10-26T23:59:00+02:00
[late]
percent_per_day = 10
grace_minutes = 15
cap_percent = 50
[roster]
file = "roster.csv"
[official]
secret = "secret.key"
[site]
address = "https://labs.example.org/os"
"""


def course_of(folder: Path, text: str, roster: str = "id,name\n") -> course.Course:
    """A course.toml with a roster beside it, read."""
    (folder / "course.toml").write_text(text)
    (folder / "roster.csv").write_text(roster)
    return course.load(folder / "course.toml")


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    rules = course_of(tmp_path, EVERYTHING, "id,name,group\nu1,Ann,A\nu2,Bo,B\n")
    assert rules.integrated_weight == 60
    assert rules.weight("buddy", 100) == 20
    assert rules.weight("malloc", 100) == Fraction(25, 2)
    assert rules.weight("paging", 100) == 100
    assert rules.late == course.Late(Fraction(10), timedelta(minutes=15), Fraction(50))
    assert rules.dates["buddy"].due == datetime(2030, 10, 19, 21, 59, tzinfo=timezone.utc)
    assert [row["group"] for row in rules.roster] == ["A", "B"]
    assert rules.secret == tmp_path / "secret.key"
    assert rules.site == "https://labs.example.org/os/"


@pytest.mark.parametrize(("text", "said"), [
    ("[weight]\nbuddy = 1\n", "weight: there is no such key"),
    ("[integrated]\nwieght = 1\n", "[integrated] wieght: there is no such key"),
    ("[integrated]\nweight = true\n", "[integrated] weight: True: a whole number was expected"),
    ("[weights]\nbunny = 1\n", "[weights] bunny: there is no such lab, only: buddy, ppalloc"),
    ("[weights]\nbuddy = -1\n", "[weights] buddy: -1: a number was expected"),
    ("[weights]\nbuddy = nan\n", "[weights] buddy: nan: a number was expected"),
    ("[weights]\nbuddy = 'much'\n", "[weights] buddy: 'much': a number was expected"),
    ("[dates.bunny]\n", "[dates] bunny: there is no such lab"),
    ("[dates.buddy]\ndeu = 1\n", "[dates.buddy] deu: there is no such key"),
    ("[dates.buddy]\ndue = 2030-10-19T23:59:00\n", "[dates.buddy] due: 2030-10-19 23:59:00: a "
     "moment was expected, with its offset"),
    ("[dates.buddy]\ndue = 2030-10-19\n", "[dates.buddy] due: 2030-10-19: a moment was expected"),
    ('[dates.buddy]\ndue = "2030-10-19T23:59:00Z"\n', "due: '2030-10-19T23:59:00Z': a moment was expected, with its offset from "
     "UTC and without quotes"),
    ("[dates]\nbuddy = 2030-10-19T23:59:00Z\n", "[dates] buddy: 2030-10-19 23:59:00+00:00: a table was expected"),
    ("[dates.buddy]\ndue = 2030-10-19T23:59:00Z\nlate = 2030-10-18T23:59:00Z\n",
     "[dates] buddy: release, due and late are expected in this order"),
    ("[late]\ncap_percent = 101\n", "[late] cap_percent: at most 100"),
    ("[roster]\nfile = 3\n", "[roster] file: 3: a file's path was expected"),
    ("[roster]\nfile = 'none.csv'\n", "none.csv: the roster can't be read: "),
    ("[site]\naddress = 'javascript:alert(1)'\n", "[site] address: 'javascript:alert(1)': an address was expected"),
    ("[official]\nsecret = ''\n", "[official] secret: '': a file's path was expected"),
])
def test_a_mistake_is_named_by_file_and_key(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(GraderError) as error:
        course_of(tmp_path, text)
    assert said in str(error.value)
    assert str(error.value).startswith(str(tmp_path))


@pytest.mark.parametrize(("roster", "said"), [
    ("", "roster.csv:1: expected: id,name"),
    ("name,id\nAnn,u1\n", "roster.csv:1: expected: id,name"),
    ("id,name\nu1,Ann,A\n", "roster.csv:2: as many cells"),
    ("id,name\nu1,Ann\nu2\n", "roster.csv:3: as many cells"),
    ("id,name\nu1,Ann\nu1,Bo\n", "roster.csv:3: id 'u1'"),
    ("id,name\n,Ann\n", "roster.csv:2: id ''"),
    ('id,name\nu1,"Ann\n', "roster.csv: the roster can't be read"),
])
def test_a_mistake_in_the_roster_is_named_by_line(tmp_path: Path, roster: str, said: str) -> None:
    with pytest.raises(GraderError) as error:
        course_of(tmp_path, "[roster]\nfile = 'roster.csv'\n", roster)
    assert said in str(error.value)


def test_the_documents_example_is_a_course(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "course.md").read_text()
    example = page[page.index("    [integrated]"):page.index("\n| key")]
    (tmp_path / "by_hand.csv").write_text("id,what,points,reason\nu4711,oral,20,explained it well\n")
    rules = course_of(tmp_path, textwrap.dedent(example), "id,name,moodle,mail,team\nu4711,Ann,1,a@uni.example,red\n")
    assert rules.extensions["u4711"]["buddy"] > rules.dates["buddy"].due
    assert (rules.drop, rules.late.slip_days, rules.by_hand["u4711"]["oral"].points) == (1, 3, 20)
    counts = rules.weight("buddy", 100) * Fraction(80, 100) * (
        100 - rules.dates["buddy"].taken_off(datetime.fromisoformat("2030-10-21T10:00+02:00"),
                                             rules.late)) / 100
    assert counts == Fraction("12.8")


# ---- lateness ----

@pytest.mark.parametrize(("submitted", "percent"), [
    ("2030-10-01T00:00+02:00", 0),
    ("2030-10-19T23:59:00+02:00", 0),  # to the second
    ("2030-10-20T00:14:00+02:00", 0),  # within the grace
    ("2030-10-20T00:14:01+02:00", 10),  # the first day began at the due date, not after the grace
    ("2030-10-20T23:59:00+02:00", 10),
    ("2030-10-20T23:59:01+02:00", 20),
    ("2030-10-19T22:15:00+00:00", 10),  # the same moment in another zone
    ("2030-10-25T23:59:00+02:00", 50),  # six days: never more than the cap
    ("2030-10-26T23:59:00+02:00", 50),  # the last moment
    ("2030-10-26T23:59:01+02:00", 100),  # no longer taken
])
def test_lateness_costs_by_days_begun(tmp_path: Path, submitted: str, percent: int) -> None:
    rules = course_of(tmp_path, EVERYTHING)
    taken = rules.dates["buddy"].taken_off(datetime.fromisoformat(submitted), rules.late)
    assert taken == percent


def test_without_dates_nothing_is_late() -> None:
    late = course.Late(Fraction(10))
    assert course.Dates().taken_off(datetime(2030, 1, 1, tzinfo=timezone.utc), late) == 0


def test_a_percentage_is_taken_as_it_is_written(tmp_path: Path) -> None:
    assert course_of(tmp_path, "[late]\npercent_per_day = 0.1\n").late.percent_per_day == Fraction(
        1, 10)


def test_the_kits_own_file_says_what_is_so_without_it() -> None:
    assert course.load() == course.Course()
