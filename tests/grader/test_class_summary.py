"""What a class run tells: the spread of the scores, hard tests, common mistakes, and what changed."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import asdict, replace
from fractions import Fraction
from html.parser import HTMLParser
from pathlib import Path

import pytest

from grader.cohort.intake import gather
from grader.cohort.intake.gather import Entry
from grader.cohort.telling import comparison, figures, summary
from grader.cohort.telling.figures import Row
from grader.cohort.work import store
from grader.cohort.work.store import Key, Record
from grader.course import course, labs
from grader.errors import GraderError

BUDDY = labs.find("buddy")
KEY = Key("submission", "kit", "1", "", "0xC0000000", "integrated 0")


def row(student: str, *outcomes: tuple, problem: str = "", key: Key = KEY,
        alike: dict | None = None, **more: object) -> Row:
    """A student; each outcome is (test, verdict, points of 10, message), all of lab buddy."""
    tests = [{"name": name, "verdict": verdict, "score": score, "max_score": 10, "message": message}
             for name, verdict, score, message in outcomes]
    total = None if any(test["score"] is None for test in tests) else sum(t["score"] for t in tests)
    results = {"score": total, "max_score": 10 * len(tests), "seed": "1", "integrated": {},
               "labs": [{"lab": "buddy", "score": total, "max_score": 10 * len(tests),
                         "tests": tests}], **more}
    record = Record(student, f"class/{student}", key, problem, results={} if problem else results, alike=alike or {})
    return Row(Entry(student, student, f"class/{student}", lambda names: {}), record)


def passed(name: str) -> tuple:
    """A test that passed."""
    return name, "pass", 10, ""


def failed(name: str, headline: str, verdict: str = "fail") -> tuple:
    """A test that did not."""
    return name, verdict, 0, f"{headline}\noperation 4: …"


ANNA = row("anna", passed("coalescing"), passed("any_range"))
BEN = row("ben", failed("coalescing", "buddies join"), failed("any_range", "buddies join"))
CARL = row("carl", failed("coalescing", "buddies join"), passed("any_range"))
DORA = row("dora", failed("coalescing", "not written yet", "todo"),
           failed("any_range", "not written yet", "todo"))
EMIL = row("emil", failed("coalescing", "was not handed in", "not-run"),
           failed("any_range", "was not handed in", "not-run"))
FRITZ = row("fritz", problem="no emulator")
NOBODY = Row(Entry("greta", "greta", "class/greta", lambda names: {}), None)
CLASS = [ANNA, BEN, CARL, DORA, EMIL, FRITZ, NOBODY]


# ---- Figures ----

def test_the_histogram_has_everybody_once() -> None:
    shares = [Fraction(i, 100) for i in (0, 9, 10, 55, 89, 90, 99, 100)]
    assert figures.histogram(shares) == [2, 1, 0, 0, 0, 1, 0, 0, 1, 3]


def test_the_spread() -> None:
    assert figures.spread([]) == {}
    assert figures.spread([7]) == {"mean": 7, "lowest": 7, "lower quartile": 7, "median": 7,
                                   "upper quartile": 7, "highest": 7}
    assert figures.spread([0, 10, 20, 30, 90]) == {"mean": 30, "lowest": 0, "lower quartile": 10,
                                                   "median": 20, "upper quartile": 30, "highest": 90}


def test_hard_tests_count_only_those_whose_code_ran() -> None:
    hardest = figures.hardest(CLASS, [BUDDY])
    assert [(test.name, test.passed, test.ran) for test in hardest] == [
        ("coalescing", 1, 3), ("any_range", 2, 3)]
    assert hardest[0].idea


def test_a_mistake_counts_once_a_student() -> None:
    (mistake,) = figures.mistakes(CLASS)
    assert (mistake.lab, mistake.verdict, mistake.headline) == ("buddy", "fail", "buddies join")
    assert mistake.tests == {"coalescing", "any_range"}
    assert [row.entry.id for row in mistake.rows] == ["ben", "carl"]


@pytest.mark.parametrize(("headline", "expected"), [
    ("kernel/mm/buddy.cpp:{}:7: error: no such name", "error: no such name"),
    ("it does not come back, in buddy_alloc at kernel/mm/buddy.cpp:{}",
     "it does not come back, in buddy_alloc"),
])
def test_the_same_mistake_on_another_line_is_the_same(headline: str, expected: str) -> None:
    rows = [row(student, failed("coalescing", headline.format(line), "crash"))
            for student, line in (("anna", 3), ("ben", 99))]
    (mistake,) = figures.mistakes(rows)
    assert (mistake.headline, len(mistake.rows)) == (expected, 2)


def test_what_is_like_the_reference_is_remarked_and_nothing_else() -> None:
    rows = [row("anna", failed("coalescing", "buddies join"), alike={"buddy.cpp": 0.75})]
    assert rows[0].remark == ("buddy.cpp: 75% of its code is a released object's, too; have a look at it")
    assert len(figures.mistakes(rows)) == 1
    text = " ".join(Page(summary.html(rows, [BUDDY], Path("/none"))).texts)
    assert "Like the reference" in text and "buddy.cpp 75 %" in text
    assert "Look at these first" not in text


def test_what_was_not_taken_is_no_common_mistake() -> None:
    assert figures.mistakes([row("a", failed("x", "the archive is damaged", "rejected"))]) == []


def test_a_lab_counts_those_who_handed_it_in() -> None:
    (lab,) = figures.lab_figures(CLASS, [BUDDY])
    assert (lab.handed_in, lab.mean, lab.median) == (4, 7.5, 5)


@pytest.mark.parametrize(("student", "remark"), [
    (ANNA, ""), (BEN, ""), (EMIL, "none of the files that are graded was handed in"), (FRITZ, "no emulator"),
    (NOBODY, "not graded yet"),
    (row("h", failed("a", "the archive is damaged", "rejected")), "the archive is damaged"),
    (row("i", passed("a"), degraded=["no boxes"]), "no boxes"),
])
def test_what_somebody_should_look_at(student: Row, remark: str) -> None:
    assert student.remark == remark


# ---- The page and the table ----

class Page(HTMLParser):
    """What a browser would make of a page: tags, links, text; and whether it is well nested."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict]] = []
        self.texts: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: list) -> None:
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "link", "br", "rect", "path", "input"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_says_it_all(tmp_path: Path) -> None:
    (tmp_path / "students" / "ben").mkdir(parents=True)
    (tmp_path / "students" / "ben" / "report.html").touch()
    page = Page(summary.html(CLASS, [BUDDY], tmp_path))
    text = " ".join(" ".join(page.texts).split())
    assert "7 submissions · 5 with a score" in text
    assert "buddies join" in text and "no emulator" in text and "not graded yet" in text
    assert "students/ben/report.html" in {a.get("href") for _, a in page.tags}
    assert not any((a.get("href") or "").startswith("students/anna") for _, a in page.tags)
    assert "20 to 30 % 0" in text


def test_a_page_about_nobody() -> None:
    assert "No scores yet" in "".join(Page(summary.html([NOBODY], [BUDDY], Path("/none"))).texts)


HOSTILE = "</td><script>alert(1)</script>{{7*7}}<img src=x onerror=alert(1)>\"'&amp;"


def test_whatever_a_student_wrote_is_text(tmp_path: Path) -> None:
    evil = row(HOSTILE, failed("coalescing", HOSTILE))
    broken = row(HOSTILE + "2", problem=HOSTILE)
    before = comparison.Earlier(HOSTILE, {HOSTILE: replace(ANNA.record, id=HOSTILE)})
    page = Page(summary.html([evil, broken], [BUDDY], tmp_path, comparison.compare([evil], before)))
    assert [tag for tag, _ in page.tags if tag in ("img", "script")] == ["script"]
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert "".join(page.texts).count(HOSTILE) >= 4


def test_whatever_is_odd_has_its_line_on_the_page_and_in_the_table(tmp_path: Path) -> None:
    """Links, in place of files of several labs; what is there twice; what is nobody's; what is gone."""
    linked = row("anna", failed("a", "kernel/mm/buddy.cpp is a link", "rejected"), failed("b", "paging.cpp is a link", "rejected"),
                 failed("c", "was not handed in", "not-run"))
    linked = replace(linked, record=replace(linked.record, remark="paging.cpp is a link"))
    left = row("ben", passed("a"))
    left = replace(left, record=replace(left.record, remark="not taken: Buddy.cpp"))
    twice = row("yara", passed("a"))
    twice = replace(twice, entry=replace(twice.entry, remark="may be one student's: yara, yara.zip"))
    gone = gather.NotTaken("students/zoe", "graded earlier, and no longer handed in")
    said = {"anna": "kernel/mm/buddy.cpp is a link, paging.cpp is a link", "ben": "not taken: Buddy.cpp",
            "yara": "may be one student's: yara, yara.zip", "students/zoe": "not taken: graded earlier, and no longer handed in"}
    rows = [linked, left, twice]
    found = {line["id"]: line["remark"] for line in csv.DictReader(io.StringIO(summary.table(rows, [BUDDY], [gone])))}
    assert found == said
    text = "".join(Page(summary.html(rows, [BUDDY], tmp_path, None, [gone])).texts)
    assert all(remark.removeprefix("not taken: graded") in text for remark in said.values())


def test_the_table_has_no_formulas() -> None:
    rows = [row("=HYPERLINK(1)", passed("coalescing")), row("@x", problem="+1+1")]
    table = summary.table(rows, [BUDDY])
    cells = [cell for line in csv.reader(io.StringIO(table)) for cell in line]
    assert not [cell for cell in cells if re.match(r"\s*[=+@-]", cell)]
    assert "10" in cells


def test_the_gradebook_has_no_zero_and_no_absentee_of_our_making(tmp_path: Path,
                                                              monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is in the roster and handed in is not told otherwise because a run was interrupted; and
    what a tool broke in one lab leaves the points of the others."""
    half = row("hugo", ("coalescing", "infra", None, "no emulator"))
    half.record.results["labs"].insert(0, {"lab": "ppalloc", "score": 7, "max_score": 10, "tests": []})
    half = replace(half, record=replace(half.record, problem="no emulator"))
    roster = tuple({"id": student, "name": ""} for student in ("anna", "greta", "hugo", "fritz", "ida"))
    monkeypatch.setattr(course, "load", lambda: course.Course(roster=roster))
    summary.write([ANNA, FRITZ, NOBODY, half], [BUDDY], tmp_path, None)
    found = {line["id"]: line for line in csv.DictReader(io.StringIO((tmp_path / "gradebook.csv").read_text()))}
    assert {student: (line["total"], line["remarks"]) for student, line in found.items()} == {
        "anna": ("20", ""), "greta": ("", "not graded yet"),
        "hugo": ("", "buddy: no score, grade it again"),
        "fritz": ("", "not graded: the grading broke"), "ida": ("", "nothing handed in")}
    assert (found["hugo"]["ppalloc counts"], found["hugo"]["buddy counts"]) == ("7", "")


# ---- What changed ----

def change(before: Row, now: Row) -> comparison.Change | None:
    """What a comparison tells of one student."""
    found = comparison.compare([now], comparison.Earlier("earlier", {before.record.id: before.record}))
    assert found.same == (0 if found.changes else 1)
    return next(iter(found.changes), None)


def test_nothing_changed() -> None:
    assert change(ANNA, ANNA) is None


def test_a_better_submission_says_by_how_much_and_where() -> None:
    better = row("ben", failed("coalescing", "buddies join"), passed("any_range"),
                 key=replace(KEY, submission="new"))
    found = change(BEN, better)
    assert (found.before, found.now, found.by) == (0, 10, "+10")
    assert found.causes == ["another submission"]
    assert found.tests == ["buddy/any_range: fail → pass"]


@pytest.mark.parametrize(("what", "cause"), [
    ({"kit": "new"}, "another version of the kit"), ({"seed": "2"}, "another seed"),
    ({"kernel_base": "0x80000000"}, "another KERNEL_BASE"), ({"weights": "60"}, "other weights"),
    ({}, "nothing that is known: please report this"),
])
def test_every_cause_is_named(what: dict, cause: str) -> None:
    worse = row("anna", passed("coalescing"), failed("any_range", "too large"),
                key=replace(KEY, **what))
    found = change(ANNA, worse)
    assert (found.by, found.causes) == ("-10", [cause])
    assert found.tests == ["buddy/any_range: pass → fail (too large)"]


def test_other_tools_are_a_cause() -> None:
    before, now = (row("anna", outcome, tools={"qemu": version})
                   for outcome, version in ((passed("coalescing"), "7.2"), (failed("coalescing", "slow"), "8.0")))
    assert change(before, now).causes == ["other versions of the tools"]


@pytest.mark.parametrize(("files", "causes"), [
    ({"buddy.cpp": "b"}, ["other labs"]), ({"buddy.cpp": "new"}, ["another submission", "other labs"]),
    ({"malloc.cpp": "m"}, ["other labs"]),
])
def test_other_labs_of_a_submission_are_no_other_submission(files: dict, causes: list[str]) -> None:
    """What was taken of it differs all the same."""
    before = row("anna", passed("coalescing"), submission={"files": {"buddy.cpp": "b", "paging.cpp": "p"}})
    now = row("anna", passed("any_range"), submission={"files": files},
              key=replace(KEY, lab="buddy", submission="less of it"))
    assert change(before, now).causes == causes


def test_a_score_that_is_missing_now_says_why() -> None:
    found = change(ANNA, row("anna", problem="no emulator"))
    assert (found.now, found.by) == (None, "")
    assert "no score now: no emulator" in found.causes


def worth(student: str, *points: tuple[str, str, int, int], **more: object) -> Row:
    """A student; each test is (name, verdict, points, points to be had)."""
    found = row(student, *((name, verdict, score, "") for name, verdict, score, _ in points), **more)
    for test, (_, _, _, most) in zip(found.labs[0]["tests"], points, strict=True):
        test["max_score"] = most
    return found


def test_other_points_in_the_kit_are_told_once_and_of_whom_they_change() -> None:
    kit = {"key": replace(KEY, kit="new"), "kit": {"commit": "b" * 40, "dirty": True}}
    old = {"kit": {"commit": "a" * 40, "dirty": False}}
    before = [worth(student, ("one", ends, 8 * (ends == "pass"), 8), ("two", "pass", 6, 6), **old)
              for student, ends in (("anna", "pass"), ("ben", "fail"))]
    now = [worth(student, ("one", ends, 6 * (ends == "pass"), 6), ("two", "pass", 8, 8), **kit)
           for student, ends in (("anna", "pass"), ("ben", "fail"))]
    dora = worth("dora", ("one", "todo", 0, 8), **old), worth("dora", ("one", "todo", 0, 6), **kit)
    earlier = comparison.Earlier("earlier", {r.record.id: r.record for r in (*before, dora[0])})
    found = comparison.compare([*now, dora[1]], earlier)
    assert found.words == "1 with another score; 1 with the same score from other tests; 1 as before."
    assert found.points == "Other points in the kit: buddy/one 8 → 6, buddy/two 6 → 8."
    assert [(change.id, change.by, change.tests) for change in found.changes] == [
        ("ben", "+2", ["buddy/two: pass, 6 → 8 points"]),
        ("anna", "0", ["buddy/one: pass, 8 → 6 points", "buddy/two: pass, 6 → 8 points"])]
    assert found.changes[0].causes == ["another version of the kit (aaaaaaa → bbbbbbb with changes)"]


def test_who_came_and_who_went() -> None:
    found = comparison.compare([ANNA], comparison.Earlier("earlier", {"ben": BEN.record}))
    assert found.words == "0 with another score; 0 as before; new: anna; no longer there: ben."


def test_what_is_compared_with_is_checked_first(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="there is no class run in it"):
        comparison.read(tmp_path / "nowhere", tmp_path)
    with pytest.raises(GraderError, match="is where this run writes to"):
        comparison.read(tmp_path, tmp_path / ".")


def test_what_was_never_kept_is_not_compared_with(tmp_path: Path) -> None:
    """A folder that the earlier run was killed over while it filled it."""
    half = tmp_path / "students" / ".new-anna"
    half.mkdir(parents=True)
    (half / "graded.json").write_text(json.dumps(
        {"schema": store.SCHEMA, "id": "anna", "source": "anna", "key": asdict(KEY)}))
    with pytest.raises(GraderError, match="there is no class run in it"):
        comparison.read(tmp_path, tmp_path / "out")
    half.rename(half.with_name("anna"))
    assert comparison.read(tmp_path, tmp_path / "out").records.keys() == {"anna"}
