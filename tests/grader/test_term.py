"""A course's last mile: people by any of their names, groups, extensions, slip days, points by hand, one gradebook."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path

import format_rules as rules
import pytest

from grader.cohort.intake import gather, gradescope_export, times
from grader.cohort.intake.files import Taken
from grader.cohort.intake.times import HandedIn
from grader.cohort.telling import feedback, term
from grader.cohort.work import store
from grader.cohort.work.one_submission import Graded, Task
from grader.course import course, labs
from grader.course.course import Course, Dates, Late
from grader.course.people import ByHand
from grader.errors import GraderError
from grader.formats import gradebook
from grader.formats.gradebook import Entry

DUE = datetime(2030, 10, 20, 22, tzinfo=timezone.utc)
DAY = timedelta(days=1)
ROSTER = tuple({"id": i, "name": n, "team": t, "moodle": m, "mail": f"{i}@uni.example"} for i, n, t, m in (
    ("u1", "Ann Lee", "red", "901"), ("u2", "Bo", "red", "902"), ("u3", "Cy", "", "903"), ("u4", "Di", "blue", "904")))
COURSE = Course(roster=ROSTER, also=("moodle", "mail"), group="team")


def results(**points: int) -> dict:
    """Labs with so many of 100 points."""
    return rules.results(*(rules.lab(slug, rules.test_entry("t", "pass" if got else "todo", got, 100)) for slug, got in points.items()))


def lines(entries: list[Entry], rule: Course) -> dict[str, dict]:
    """The gradebook's lines by the students."""
    return {row["id"]: row for row in csv.DictReader(io.StringIO(gradebook.table(entries, rule)))}


@pytest.mark.parametrize(("name", "who"), [
    ("u1", "u1"), ("Ann Lee_901", "u1"), ("u2@uni.example", "u2"), ("U2@UNI.example", "u2"), ("nobody_7", "nobody_7"),
    ("origin/u3@uni.example", "u3"), ("lab1-u3@uni.example", "u3"), ("", ""),
])
def test_the_roster_knows_people_by_the_names_that_sites_have_for_them(name: str, who: str) -> None:
    assert COURSE.who(name) == who


def test_a_group_has_the_points_of_the_member_who_handed_in() -> None:
    found = lines([Entry("Ann Lee_901", results(buddy=80)), Entry("blue", results(buddy=70))], COURSE)
    assert {student: row["total"] for student, row in found.items()} == {"u1": "80", "u2": "80", "u3": "", "u4": "70"}
    assert found["u2"]["remarks"] == "handed in by u1, group red"
    both = lines([Entry("u1", results(buddy=80)), Entry("red", results(buddy=10))], COURSE)
    assert (both["u1"]["total"], both["u2"]["total"]) == ("80", "")
    assert "u1 and red of group red handed in: whose counts?" in both["u2"]["remarks"]


def test_nobody_who_handed_in_twice_is_said_to_have_handed_in_nothing() -> None:
    twice = [Entry("901", results(buddy=1)), Entry("u1@uni.example", results(buddy=2))]
    found = lines(twice, COURSE)
    assert "u1 handed in more than once" in found["901"]["remarks"]
    assert (found["u1"]["remarks"], found["u1"]["total"]) == ("handed in as 901 and as u1@uni.example: which one counts?", "")
    assert "more than once" in lines([Entry("u1", results(buddy=1)), twice[0]], COURSE)["u1"]["remarks"]


@pytest.mark.parametrize("entries", [
    [Entry("901", results(buddy=1)), Entry("u1@uni.example", results(buddy=2))],
    [Entry("u1", None), Entry("u2", results(buddy=1))]])
def test_points_by_hand_are_no_total_as_long_as_labs_have_no_score(entries: list[Entry]) -> None:
    oral = {"u1": {"oral": ByHand(Fraction(18), "well spoken")}, "u3": {"oral": ByHand(Fraction(9), "well")}}
    found = lines(entries, replace(COURSE, group="", items={"oral": Fraction(20)}, by_hand=oral))
    assert (found["u1"]["oral"], found["u1"]["total"]) == ("18", "")
    assert found["u3"]["total"] == "9", "nothing handed in"


def test_an_extension_moves_the_due_date_and_the_last_day(tmp_path: Path) -> None:
    rule = Course(dates={"buddy": Dates(due=DUE, late=DUE + 7 * DAY)}, late=Late(Fraction(10)),
                  extensions={"u1": {"buddy": DUE + 3 * DAY}})
    found = lines([Entry(student, results(buddy=100), DUE + 3.5 * DAY) for student in ("u1", "u2")], rule)
    assert {student: row["buddy counts"] for student, row in found.items()} == {"u1": "90", "u2": "60"}
    assert "by extension" in found["u1"]["remarks"]
    assert rule.dates_of("u1", "buddy").late == DUE + 10 * DAY


def test_slip_days_are_spent_lab_by_lab() -> None:
    rule = Course(dates={slug: Dates(due=DUE) for slug in ("buddy", "ppalloc")}, late=Late(Fraction(10), slip_days=3))
    (found,) = lines([Entry("u1", results(buddy=100, ppalloc=100), DUE + 1.5 * DAY)], rule).values()
    assert (found["buddy counts"], found["ppalloc counts"]) == ("100", "90")
    assert found["remarks"] == "buddy: 2 slip days; ppalloc: 1 slip day"


def test_the_worst_labs_are_dropped_and_the_maximum_stays() -> None:
    rule = Course(drop=1, weights={"buddy": Fraction(20)})
    (found,) = lines([Entry("u1", results(buddy=0, ppalloc=50, vpalloc=100))], rule).values()
    assert (found["total"], found["maximum"]) == ("165", "220")
    assert found["remarks"] == "dropped: buddy"
    (alone,) = lines([Entry("u1", results(buddy=50))], rule).values()
    assert (alone["total"], alone["remarks"]) == ("10", "")


def test_points_by_hand_are_final_have_a_reason_and_need_nothing_handed_in(tmp_path: Path) -> None:
    (tmp_path / "course.toml").write_text('[by_hand]\nfile = "by_hand.csv"\n[by_hand.items]\noral = 20\n')
    (tmp_path / "by_hand.csv").write_text("id,what,points,reason\nu1,buddy,0,copied\nu1,oral,15.5,explained it well\n"
                                          "u2,oral,20,all right\n")
    rule = replace(course.load(tmp_path / "course.toml"), roster=ROSTER[:2])
    found = lines([Entry("u1", results(buddy=100, ppalloc=50))], rule)
    assert (found["u1"]["buddy"], found["u1"]["oral"], found["u1"]["total"], found["u1"]["maximum"]) == ("0", "15.5", "65.5", "220")
    assert found["u1"]["remarks"] == "buddy: 0 points by hand: copied; oral: explained it well"
    assert (found["u2"]["total"], found["u2"]["remarks"]) == ("20", "nothing handed in; oral: all right")


@pytest.mark.parametrize(("text", "said"), [
    ("id,what,points\n", "by_hand.csv:1: expected: id,what,points,reason"),
    ("id,what,points,reason\nu1,bunny,1,x\n", "by_hand.csv:2: 'bunny': expected: buddy"),
    ("id,what,points,reason\nu1,buddy,1, \n", "by_hand.csv:2: a reason was expected"),
    ("id,what,points,reason\nu1,buddy,many,x\n", "by_hand.csv:2: 'many': a number"),
    ("id,what,points,reason\nu1,buddy,1,x\nu1,buddy,2,x\n", "by_hand.csv:3: 'u1' has points for buddy already"),
])
def test_a_mistake_in_what_was_given_by_hand_is_named_by_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "course.toml").write_text('[by_hand]\nfile = "by_hand.csv"\n')
    (tmp_path / "by_hand.csv").write_text(text)
    with pytest.raises(GraderError) as error:
        course.load(tmp_path / "course.toml")
    assert said in str(error.value)


# ---- Several runs ----

def kept(out: Path, student: str, found: dict, seed: str = "1") -> None:
    """A class run's record of a student."""
    with store.opened(out) as place:
        files = {"results.json": json.dumps({**found, "seed": seed}).encode(),
                 "report.html": f"<p>make grade SEED={seed} SUBMISSION={out}/students/{student.replace(' ', '_')}/submission"
                                "</p>".encode()}
        key = store.Key("", "kit", seed, "", "0xC0000000")
        place.save(student.replace(" ", "_"), f"class/{student}_assignsubmission_file_", key,
                   Task(student, {}, "", "", seed, "build", "kit"), Graded(files))


def test_the_terms_gradebook_has_of_each_lab_what_the_last_run_has(tmp_path: Path) -> None:
    kept(tmp_path / "one", "Ann Lee_901", results(buddy=40))
    kept(tmp_path / "two", "u1", results(ppalloc=50))
    kept(tmp_path / "again", "u1@uni.example", results(buddy=90))
    (tmp_path / "two" / term.HANDED_IN).write_text(term.times_table([("u1", HandedIn(DUE + DAY))]))
    rule = replace(COURSE, dates={"ppalloc": Dates(due=DUE)}, late=Late(Fraction(10)))
    found = lines(term.entries([tmp_path / name for name in ("one", "two", "again")], rule), rule)
    assert (found["u1"]["buddy counts"], found["u1"]["ppalloc counts"], found["u1"]["total"]) == ("90", "45", "135")
    assert found["u4"]["remarks"] == "nothing handed in"
    with pytest.raises(GraderError, match="there is no class run in it"):
        term.entries([tmp_path / "none"], rule)


def test_the_terms_gradebook_has_what_the_runs_knew_of_times(tmp_path: Path) -> None:
    """Who was late by the course site's word keeps that remark; once, though two runs have it."""
    for name, lab in (("one", "buddy"), ("two", "ppalloc")):
        kept(tmp_path / name, "u1", results(**{lab: 40}))
        (tmp_path / name / term.REMARKS).write_text(
            term.remarks_table([("u1", HandedIn(remark=times.LATE)), ("u2", HandedIn(DUE))]), encoding="utf-8")
    found = lines(term.entries([tmp_path / "one", tmp_path / "two"], COURSE), COURSE)
    assert found["u1"]["remarks"] == times.LATE


def test_who_is_in_a_run_under_two_names_is_remarked(tmp_path: Path) -> None:
    kept(tmp_path / "one", "Ann Lee_901", results(buddy=40))
    kept(tmp_path / "one", "u1@uni.example", results(buddy=90))
    kept(tmp_path / "two", "u1", results(ppalloc=90))
    found = lines(term.entries([tmp_path / "one", tmp_path / "two"], COURSE), COURSE)
    counts = {"40": "Ann Lee_901", "90": "u1@uni.example"}[found["u1"]["buddy counts"]]
    assert found["u1"]["remarks"] == f"u1 handed in more than once: {counts} counts"


def test_the_times_of_a_run_come_back_as_they_were(tmp_path: Path) -> None:
    known = {"u1": HandedIn(DUE, {"buddy": DUE + DAY}), "=u2": HandedIn(None, {"paging": DUE}, "")}
    (tmp_path / "times.csv").write_text(term.times_table(known.items()))
    found = times.read(tmp_path / "times.csv")
    assert {student: times.of(gather.Entry(student, student, "", lambda names: Taken()), found) for student in known} == known


def test_an_id_is_no_formula_in_any_table(tmp_path: Path) -> None:
    known = [("=1+1", HandedIn(DUE, remark=times.COMMITTED))]
    for text in (term.times_table(known), term.remarks_table(known)):
        assert [row[0] for row in csv.reader(io.StringIO(text))] == ["id", "'=1+1"]


def test_points_go_into_the_course_sites_own_table(tmp_path: Path) -> None:
    """Canvas's, Moodle's: whoever is found by one of his names; all else stays as it was."""
    site = tmp_path / "export.csv"
    site.write_text('\ufeffStudent,ID,Labs (77)\r\n"    Points Possible",,100\r\n"Lee, Ann",901,\r\nBo,902,3\r\nX,77,1\r\n')
    text, left = term.filled(site, "Labs (77)", {"u1": "88.5", "u2": "", "u3": "5"}, COURSE)
    assert list(csv.reader(io.StringIO(text))) == [
        ["Student", "ID", "Labs (77)"], ["    Points Possible", "", "100"], ["Lee, Ann", "901", "88.5"], ["Bo", "902", "3"],
        ["X", "77", "1"]]
    assert left == ["u3"]
    with pytest.raises(GraderError, match="no such column, only: Student, ID, Labs"):
        term.filled(site, "Grade", {}, COURSE)


def test_what_is_handed_back_has_no_seed_and_no_path(tmp_path: Path) -> None:
    seed = "official-" + "a1" * 32
    kept(tmp_path, "Ann Lee_901", results(buddy=40), seed)
    made, many = feedback.bundle(tmp_path)
    with zipfile.ZipFile(io.BytesIO(made)) as file:
        texts = {name: file.read(name).decode() for name in file.namelist()}
    assert many == 1
    assert sorted(texts) == [f"Ann Lee_901_assignsubmission_file_/{name}" for name in ("points.txt", "report.html")]
    assert not any("a1a1" in text or str(tmp_path) in text for text in texts.values())
    assert "SUBMISSION=submission" in texts["Ann Lee_901_assignsubmission_file_/report.html"]
    assert "buddy: 40 of 100" in texts["Ann Lee_901_assignsubmission_file_/points.txt"]


def test_what_is_called_alike_is_handed_back_in_folders_of_its_own(tmp_path: Path) -> None:
    names = {"frank": "frank", "frank.zip": "frank.zip", "Frank~1": "Frank", "anna": "anna.zip", "frank_1": "Frank~1",
             "_up": "..\\up"}
    with store.opened(tmp_path) as place:
        for folder, source in names.items():
            found = json.dumps({**results(buddy=40), "seed": "1"}).encode()
            place.save(folder, f"class/{source}", store.Key("", "kit", "1", "", "0xC0000000"),
                       Task(folder, {}, "", "", "1", "build", "kit"), Graded({"results.json": found, "report.html": b""}))
    with zipfile.ZipFile(io.BytesIO(feedback.bundle(tmp_path)[0])) as file:
        folders = [Path(name).parent.name for name in file.namelist() if name.endswith("points.txt")]
    assert sorted(folders) == [".._up", "Frank~1", "anna", "frank", "frank.zip", "frank_1"]


def test_gradescopes_numbers_are_looked_up_in_its_table(tmp_path: Path) -> None:
    for name in ("submission_11", "submission_22", "submission_33"):
        (tmp_path / name).mkdir()
    (tmp_path / "submission_metadata.yml").write_text(
        "---\nsubmission_11:\n  :submitters:\n  - :name: Ann\n    :sid: 'u1'\n    :email: u1@uni.example\n  :score: 1.0\n"
        "submission_22:\n  :submitters:\n  - :name: Bo\n    :sid:\n    :email: u2@uni.example\n")
    found = gather.from_folder(tmp_path, labs.all_labs())
    assert [entry.id for entry in found.entries] == ["u1", "u2@uni.example", "submission_33"]
    assert found.not_taken == []


def test_nobody_is_somebody_else_by_what_gradescopes_table_quotes(tmp_path: Path) -> None:
    """A long name goes on in a line of its own, and what a program printed has as many as it likes."""
    (tmp_path / "submission_metadata.yml").write_text(
        f"---\nsubmission_11:\n  :submitters:\n  - :name: '{'a' * 80}\n      :sid: u1'\n    :sid: u4\n"
        "submission_22:\n  :created_at: 2030-10-05\n  :submitters:\n  - :name: |-\n      Bo\n\n      :sid: u1\n"
        "    :email: u2@uni.example\n  :results:\n    output: |\n      :sid: u1\n")
    assert gradescope_export.students(tmp_path) == {"submission_11": "u4", "submission_22": "u2@uni.example"}
