"""Diagnoses: which known mistake answers as a submission does; and that none is named where that would be a guess."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT
from rich.console import Console
from test_class_summary import row

from grader import grade
from grader.building import build
from grader.cohort.telling import comparison, misconceptions as class_map, summary
from grader.course import course, labs
from grader.diagnosis import answers, match, table
from grader.diagnosis.answers import Answers
from grader.diagnosis.table import Known, Misconception, Table
from grader.errors import GraderError
from grader.mutants import added, generated, known, measured, misconceptions, sources

ALL = labs.all_labs()
JOINING, COUNTING = Misconception("blocks are joined", "Joining"), Misconception("counts are exact", "Counting")


# ---- what is compared ----

def answered(*counts: int | None, start: int = 0, fails: str = "", at: int = 0) -> Answers:
    """A test with one scenario: how many units each request got, from some place on; None: no answer."""
    given = [None if count is None else {answers.ENDED: "ok", "count": str(count), "start": str(start)} for count in counts]
    return Answers(fails, [(at, *fails.split(" ", 1)) if fails else None], [given])


RIGHT = [{"a": answered(4, 2), "b": answered(1), "c": answered(8, 8, 8)},
         {"a": answered(4, 2, start=16), "b": answered(1, start=16), "c": answered(8, 8, 8)}]
EXPECTED = answers.expected(RIGHT)


def test_what_right_solutions_answer_differently_is_nobodys_mistake() -> None:
    assert answers.symptoms(RIGHT[1], EXPECTED) == {}
    elsewhere = [answers.symptoms({**one, "a": answered(3, 2, start=start, fails="fail never less", at=1)}, EXPECTED)
                 for one, start in zip(RIGHT, (0, 16), strict=True)]
    assert elsewhere[0] == elsewhere[1] and len(elsewhere[0]["a"].where) == 1


def test_what_was_answered_before_anything_was_found_wrong_is_no_symptom() -> None:
    late = answers.symptoms({**RIGHT[1], "a": answered(3, 2, start=16, fails="fail never less", at=2)}, EXPECTED)
    assert not late["a"].where and not late["a"].what


def shown(**wrong: Answers) -> dict[str, answers.Symptoms]:
    """What a solution shows that is wrong in these tests only."""
    return answers.symptoms({**RIGHT[1], **wrong}, EXPECTED)


def mistake(name: str, behind: Misconception, **wrong: Answers) -> Known:
    """A known one of the first design."""
    return Known(name, f"{name} in words", behind, answers.symptoms({**RIGHT[0], **wrong}, EXPECTED))


FEW = mistake("few", COUNTING, a=answered(3, 2, fails="fail never less", at=1))
NONE = mistake("none", JOINING, c=answered(8, 0, 0, fails="fail joining", at=2))
KNOWN = Table("buddy", "", EXPECTED, [FEW, NONE])


def test_the_same_mistake_is_known_again_in_another_design() -> None:
    found = match.diagnose(KNOWN, shown(a=answered(3, 2, start=16, fails="fail never less", at=1)))
    assert (found.named, found.behind, found.agree, found.tests, found.excluded) == \
        ([("few", "few in words")], COUNTING, 3, 3, 1)
    assert "In 3 of 3 tests the answers are those of a known mistake:" in found.words


def test_what_nobody_knows_is_not_named() -> None:
    found = match.diagnose(KNOWN, shown(b=answered(None, fails="hang it does not come back", at=1)))
    assert not found.named and found.as_json()["mistakes"] == []
    assert "No known mistake behaves so" in next(found.words)


def test_where_everything_fails_in_one_way_nothing_is_named() -> None:
    crash = {"a": answered(None, None, fails="crash page fault", at=1), "b": answered(None, fails="crash page fault", at=1),
             "c": answered(None, None, None, fails="crash page fault", at=1)}
    dead = mistake("dead", COUNTING, **crash)
    assert match.rank([dead], shown(**crash))[0][0] == 1
    assert not match.diagnose(replace(KNOWN, known=[dead]), shown(**crash)).named


def test_mistakes_that_behave_alike_are_named_only_if_one_thing_is_behind_them() -> None:
    same = shown(a=answered(3, 2, start=16, fails="fail never less", at=1))
    twin = replace(FEW, name="twin", words="twin in words")
    assert [name for name, _ in match.diagnose(replace(KNOWN, known=[FEW, twin]), same).named] == ["few", "twin"]
    other = replace(twin, behind=JOINING)
    assert not match.diagnose(replace(KNOWN, known=[FEW, other]), same).named


def test_a_table_is_kept_and_one_of_another_version_is_none(tmp_path: Path) -> None:
    lab = labs.find("buddy")
    table.save(tmp_path, replace(KNOWN, version=table.version(lab)))
    kept = table.load(tmp_path, lab)
    assert (kept.right, kept.known) == (EXPECTED, KNOWN.known)
    assert table.digest_of_all(tmp_path, ALL) and not table.digest_of_all(tmp_path / "none", ALL)
    table.save(tmp_path, replace(KNOWN, version="another"))
    assert table.load(tmp_path, lab) is None
    table.path_of(tmp_path, "buddy").write_bytes(b"no table")
    assert table.load(tmp_path, lab) is None


# ---- what is known ----

@pytest.mark.parametrize("lab", ALL, ids=lambda lab: lab.slug)
def test_something_stands_behind_every_mistake_and_a_section_treats_it(lab: labs.Lab) -> None:
    entries = tomllib.loads((sources.FOLDER / lab.slug / "misconceptions.toml").read_text())["misconception"]
    listed = sorted(name for entry in entries for name in entry["mistakes"])
    assert listed == sorted({one.name for one in sources.written(lab) if not one.like})
    handout = (ROOT / "handouts" / f"{lab.folder.name}.adoc").read_text()
    headings = {line.strip("= ") for line in handout.splitlines() if line.startswith("=")}
    assert {entry["section"] for entry in entries} <= headings


def test_a_twin_is_a_known_mistake_in_another_design() -> None:
    for lab in ALL:
        for twin in sources.twins(lab):
            assert twin.text != sources.find(lab, twin.name).text


def test_what_was_sorted_by_hand_is_still_made_by_rule(toolchain: build.Toolchain) -> None:
    for lab in ALL:
        possible = {one.about for one in generated.generated(lab, toolchain, 0)}
        names = {one.name for one in sources.written(lab)}
        for entry in tomllib.loads(measured.SORTED.read_text())["generated"]:
            if entry["lab"] == lab.slug:
                assert generated.about(entry.get("in", ""), entry["line"], entry["becomes"]) in possible
                assert set(entry["like"]) <= names


# ---- the whole way ----

@pytest.fixture(scope="module")
def small_table(toolchain: build.Toolchain) -> Table:
    """Three of vpalloc's mistakes, played as `make diagnosis` does."""
    lab = labs.find("vpalloc")
    some = [sources.find(lab, name) for name in ("null_page", "keeps_the_state", "forgets_the_start")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "written", lambda lab: some)
        patch.setattr(sources, "alternatives", lambda lab, all_of=sources.alternatives: all_of(lab)[:2])
        steps: list[int] = []
        made = known.make(lab, toolchain, 2, lambda: steps.append(1))
    assert len(steps) == 5
    return made


@pytest.mark.parametrize("seed", ["1", "7"])  # the public one, with which nothing is played again, and another
def test_a_submission_is_told_which_mistake_it_is(seed: str, small_table: Table, toolchain: build.Toolchain, tmp_path: Path,
                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    lab = labs.find("vpalloc")
    twin = next(one for one in sources.twins(lab) if one.name == "null_page")
    (tmp_path / "vpalloc.cpp").write_text(twin.text)
    monkeypatch.setattr(table, "load", lambda build, lab: small_table)
    found = grade.grade(grade.Request(tmp_path, toolchain, tmp_path / "out", [lab], seed=seed, diagnose=True,
                                      tell_diagnosis=True), Console(quiet=True))
    told = found.extra["diagnosis"]["vpalloc"]
    assert told["mistakes"] == [{"name": "null_page", "words": "the page at address 0 is handed out like any other"}]
    assert told["section"] == "Two special pages" and told["excluded"] == 2
    assert json.loads((tmp_path / "out" / "diagnosis.json").read_text()) == {"vpalloc": told}
    assert "the page at address 0 is handed out like any other" in (tmp_path / "out" / "report.html").read_text()


def test_students_are_told_only_if_the_course_says_so(tmp_path: Path) -> None:
    file = tmp_path / "course.toml"
    file.write_text("[diagnosis]\nstudents = true\n")
    assert course.load(file).diagnosis_for_students and not course.Course().diagnosis_for_students
    file.write_text('[diagnosis]\nstudents = "yes"\n')
    with pytest.raises(GraderError, match="true or false was expected"):
        course.load(file)


# ---- the class ----

def diagnosed(student: str, words: str, behind: Misconception | None = JOINING):
    """A student of whom that is known."""
    one = {"mistakes": [{"name": "m", "words": words}] if behind else [], "misconception": behind.words if behind else "",
           "section": behind.section if behind else "", "said": []}
    graded = row(student)
    return replace(graded, record=replace(graded.record, diagnosis={"buddy": one}))


ROWS = [diagnosed("anna", "joins once"), diagnosed("ben", "joins never"), diagnosed("carl", "joins once"),
        diagnosed("dora", "", None), diagnosed("=emil", "counts to ten", COUNTING), row("fritz")]
EARLIER = comparison.Earlier("week 1", {one.entry.id: one.record for one in (ROWS[0], diagnosed("greta", "gone",
                                        Misconception("all is well", "The invariant")))})


def test_the_map_has_whose_answers_are_those_of_which_mistake() -> None:
    found = class_map.of_class(ROWS, [labs.find("buddy")], EARLIER)
    assert [(place.words, [r.entry.id for r in place.rows], place.changed) for place in found.places] == [
        ("blocks are joined", ["anna", "carl", "ben"], "+2"), ("counts are exact", ["=emil"], "+1"),
        ("all is well", [], "-1")]
    assert [[r.entry.id for r in rows] for _, rows in found.unknown] == [["dora"]]


def test_the_map_is_a_page_and_a_table(tmp_path: Path) -> None:
    lab = labs.find("buddy")
    rows: Sequence = ROWS
    summary.write(rows, [lab], tmp_path, comparison.compare(rows, EARLIER), (), EARLIER)
    lines = list(csv.reader((tmp_path / "misconceptions.csv").read_text().splitlines()))
    assert lines[1] == ["buddy", "blocks are joined", "Joining", "joins once", "2", "1", "anna carl"]
    assert ["'=emil"] == [line[-1] for line in lines if line[1] == "counts are exact"]
    page = (tmp_path / "index.html").read_text()
    assert 'data-mistake="m1">3<' in page and len(re.findall(r'data-mistakes="[^"]*\bm1\b', page)) == 3
    assert "nobody any more" in page and "2: joins once<br>1: joins never" in page


# ---- new mutants ----

def test_a_submission_becomes_a_mutant(toolchain: build.Toolchain, marionette: Callable, tmp_path: Path) -> None:
    lab = labs.find("buddy")
    wrong = sources.find(lab, "joins_once").text
    folder = tmp_path / "students" / "annaberg" / "submission"
    folder.mkdir(parents=True)
    (folder / "buddy.cpp").write_text("// Anna Berg\nstatic int of_annaberg;\n" + wrong.replace("{\n", "{ // mine\n"))
    wrong = added.examine(lab, folder, "", "joins_once", toolchain, tmp_path)
    new = added.add(lab, folder, wrong, "Joins once, and stops", "", "joins_once", tmp_path)
    assert (new.path, new.base) == (tmp_path / "buddy" / "joins_once_and_stops.patch", "solutions/alternatives/buddy/lists.cpp")
    text = new.path.read_text()
    assert "Anna Berg" not in text and "mine" not in text and new.look_at == ["1: static int of_annaberg;"]
    changed = [line for line in text.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert 3 <= len(changed) <= 6
    again = sources.read(lab, new.path)
    assert (again.about, again.caught_by, again.headline, again.like) == \
        ("Joins once, and stops", "coalescing", "coalescing", "joins_once")
    assert misconceptions.of(misconceptions.load(lab), again).section == "Splitting and joining"
    with pytest.raises(GraderError, match="is there already"):
        added.add(lab, folder, wrong, "Joins once, and stops", "", "", tmp_path)
    done = marionette("mutant", "--lab", "buddy", "--from", str(folder), "--mistake", "Asked for", "--out", str(tmp_path))
    assert (done.returncode, done.stdout.split(":")[0]) == (0, str(tmp_path / "buddy" / "asked_for.patch"))
    assert not [known for known in sources.written(lab) if known.name == "asked_for"]


def test_nobody_is_asked_for_words_about_what_is_no_mutant(marionette: Callable) -> None:
    for more, reason in ((("--from", "solutions"), "passes all tests of lab buddy"),
                         (("--from", "nowhere"), "FROM=nowhere: there is no such folder"),
                         (("--from", "solutions", "--like", "nothing"), "LIKE=nothing: lab buddy has no mistake"),
                         (("--from", "solutions", "--name", "joins_once"), "joins_once is there already")):
        done = marionette("mutant", "--lab", "buddy", *more)
        assert done.returncode == 2 and reason in done.stderr and "MISTAKE=" not in done.stderr


def test_what_is_like_no_solution_is_kept_whole() -> None:
    lab = labs.find("buddy")
    assert added.nearest("int a; // mine\n\nint b;\n", sources.alternatives(lab), lab) == ("int a;\nint b;\n", "")
