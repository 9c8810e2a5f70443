"""When everybody handed in: TIMES=file, a commit's date, Canvas's mark; nothing is taken off on a guess."""

from __future__ import annotations

import csv
import io
import os
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from grader.cohort.intake import gather, times
from grader.cohort.intake.gather import Entry
from grader.cohort.intake.times import HandedIn
from grader.cohort.telling import summary
from grader.cohort.telling.figures import Row
from grader.cohort.work.store import Key, Record
from grader.course import course, labs
from grader.errors import GraderError

NOON = datetime(2030, 10, 20, 12, tzinfo=timezone.utc)
BUDDY = labs.find("buddy")


def table(folder: Path, text: str) -> times.Table:
    """What is read of a file with this text."""
    path = folder / "times.csv"
    path.write_text(text, encoding="utf-8")
    return times.read(path)


def entry(student: str, **more: object) -> Entry:
    """Somebody who handed in."""
    return Entry(student, student, f"class/{student}", lambda names: {}, **more)


# ---- The file ----

def test_a_time_is_for_all_labs_but_those_with_their_own(tmp_path: Path) -> None:
    found = table(tmp_path, "id,handed_in,lab\r\nu1,2030-10-20T14:00:00+02:00,\r\n"
                            "u1,2030-10-21T12:00:00Z,buddy\r\n\r\nu2,2030-10-20T12:00Z,paging\r\n")
    assert found == {"u1": HandedIn(NOON, {"buddy": NOON + timedelta(days=1)}),
                     "u2": HandedIn(None, {"paging": NOON})}
    assert (found["u1"].last, found["u2"].last) == (NOON + timedelta(days=1), NOON)


@pytest.mark.parametrize(("text", "said"), [
    ("", "times.csv:1: expected: id,handed_in"),
    ("id;handed_in\n", "times.csv:1: expected: id,handed_in"),
    ("id,handed_in\nu1\n", "times.csv:2: 1 cells, where the first line has 2"),
    ("id,handed_in\nu1,2030-10-20T12:00Z,buddy\n", "times.csv:2: 3 cells"),
    ("id,handed_in\n,2030-10-20T12:00Z\n", "times.csv:2: a student's id was expected"),
    ("id,handed_in\nu1,2030-10-20T12:00\n", "times.csv:2: '2030-10-20T12:00': a moment was expected"),
    ("id,handed_in\nu1,2030-10-20\n", "times.csv:2: '2030-10-20': a moment was expected"),
    ("id,handed_in\nu1,\n", "times.csv:2: '': a moment was expected"),
    ("id,handed_in\nu1,20/10/2030 12:00\n", "times.csv:2: '20/10/2030 12:00': a moment was expected"),
    ("id,handed_in,lab\nu1,2030-10-20T12:00Z,bunny\n", "times.csv:2: there is no lab 'bunny', only: buddy"),
    ("id,handed_in\nu1,2030-10-20T12:00Z\n\nu1,2030-10-19T12:00Z\n", "times.csv:4: id 'u1' is there twice"),
    ("id,handed_in,lab\nu1,2030-10-20T12:00Z,buddy\nu1,2030-10-20T12:00Z,buddy\n",
     "times.csv:3: id 'u1' is there twice"),
    ('id,handed_in\n"u1,2030-10-20T12:00Z\n', "times.csv can't be read"),
])
def test_a_mistake_in_it_is_named_by_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(GraderError) as error:
        table(tmp_path, text)
    assert said in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="TIMES=.*none.csv can't be read: .*No such file"):
        times.read(tmp_path / "none.csv")


def test_who_has_no_time_is_told_and_a_file_about_others_refused() -> None:
    path, found = Path("times.csv"), {"u1": HandedIn(NOON), "u9": HandedIn(NOON)}
    assert times.check(path, [entry("u1"), entry("u9")], found) == ""
    assert times.check(path, [entry("u1"), entry("u2")], found) == (
        "times.csv: no time for u2; nothing was handed in as u9: ids are those of class.csv")
    with pytest.raises(GraderError, match="none of these students: u1, u9 there, Ann, Bo here"):
        times.check(path, [entry("Ann"), entry("Bo")], found)


# ---- What is known without it ----

def test_canvas_says_who_is_late(tmp_path: Path) -> None:
    for name in ("ann_LATE_1_2_labs.zip", "bo_3_4_labs.zip", "carl_5_6_buddy.cpp",
                 "carl_LATE_5_7_paging.cpp", "LATE.zip"):
        (tmp_path / name).touch()
    (tmp_path / "dora_LATE_8_9_labs").mkdir()
    found = {e.id: e.late for e in gather.from_folder(tmp_path, labs.all_labs()).entries}
    assert found == {"LATE": False, "ann_1": True, "bo_3": False, "carl_5": True, "dora_8": True}


def test_a_ref_has_the_date_of_its_commit(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "-q", "-b", "anna"], check=True)
    for branch, date in (("anna", "2030-10-20T14:00:00+0200"), ("ben", "@0 +0000")):
        subprocess.run([*git, "checkout", "-q", "-B", branch], check=True)
        subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", branch], check=True,
                       env={**os.environ, "GIT_COMMITTER_DATE": date, "GIT_AUTHOR_DATE": "@9 +0000"})
    subprocess.run([*git, "tag", "-a", "lab1", "anna", "-m", "handed in"], check=True)
    found = {e.id: e.committed for e in gather.from_refs(tmp_path, "anna ben lab1")}
    assert found == {"anna": NOON, "lab1": NOON, "ben": datetime(1970, 1, 1, tzinfo=timezone.utc)}


@pytest.mark.parametrize(("one", "expected"), [
    (entry("u1", late=True, committed=NOON + timedelta(days=9)), HandedIn(NOON)),
    (entry("u2", committed=NOON), HandedIn(NOON, remark=times.COMMITTED)),
    (entry("u2", late=True), HandedIn(remark=times.LATE)),
    (entry("u2"), HandedIn()),
])
def test_the_courses_clock_goes_before_everything(one: Entry, expected: HandedIn) -> None:
    assert times.of(one, {"u1": HandedIn(NOON)}) == expected


# ---- The tables and the page ----

RULES = course.Course(dates={"buddy": course.Dates(due=NOON)}, late=course.Late(10))


def row(student: str, handed_in: HandedIn, **more: object) -> Row:
    """Somebody with 50 of 100 points in buddy."""
    results = {"score": 50, "max_score": 100, "integrated": {},
               "labs": [{"lab": "buddy", "score": 50, "max_score": 100, "tests": []}]}
    record = Record(student, "", Key("", "", "1", "", "0xC0000000"), results=results)
    return Row(entry(student, **more), record, handed_in)


ROWS = [row("ann", HandedIn(NOON)), row("bo", HandedIn(NOON + timedelta(hours=30))),
        row("carl", HandedIn(remark=times.LATE), late=True), row("dora", HandedIn(NOON + timedelta(hours=1), {}, "=guess")),
        row("eve", HandedIn(NOON, {"buddy": NOON + timedelta(hours=1)})), row("fay", HandedIn())]


def lines(text: str) -> dict[str, dict]:
    """A table's lines by the students."""
    return {line["id"]: line for line in csv.DictReader(io.StringIO(text))}


def test_lateness_is_taken_off_where_the_time_is_known(monkeypatch: pytest.MonkeyPatch,
                                                      tmp_path: Path) -> None:
    monkeypatch.setattr(course, "load", lambda: RULES)
    summary.write(ROWS, [BUDDY], tmp_path, None)
    found = lines((tmp_path / "gradebook.csv").read_text())
    assert {student: line["buddy counts"] for student, line in found.items()} == {
        "ann": "50", "bo": "40", "carl": "50", "dora": "45", "eve": "45", "fay": "50"}
    assert found["bo"]["submitted"] == "2030-10-21T18:00:00+00:00"
    assert found["carl"]["remarks"] == times.LATE
    assert found["fay"]["remarks"] == "buddy: no time of submission, so nothing is taken off"
    assert found["dora"]["remarks"] == "'=guess"
    assert found["eve"]["remarks"] == "buddy: handed in 2030-10-20T13:00:00+00:00"


def test_the_class_table_and_the_page_say_when(tmp_path: Path) -> None:
    found = lines(summary.table(ROWS, [BUDDY]))
    assert [found[student]["handed_in"] for student in ("ann", "eve", "fay")] == [
        "2030-10-20T12:00:00+00:00", "2030-10-20T13:00:00+00:00", ""]
    page = summary.html(ROWS, [BUDDY], tmp_path)
    assert "<time>2030-10-20 12:00+00:00</time></td>" in page and ">late</td>" in page
    assert "handed in</th>" not in summary.html([row("fay", HandedIn())], [BUDDY], tmp_path).partition(
        'id="everybody"')[2]
