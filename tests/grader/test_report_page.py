"""report.html as a text: what stands in it, what does not, and that it is always there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from broken import KERNEL_BASE, TABLES, grading, results_of
from conftest import FULL_MARKS, ROOT, SKELETON
from test_film import long_film

from grader.building.symbols import Place
from grader.course import labs
from grader.course.course import Course
from grader.grading.outcome import Outcome, Story
from grader.judging.verdict import Verdict
from grader.page import film, render, report
from grader.reporting import origin, results
from grader.reporting.origin import Origin
from grader.reporting.results import Results

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}{% raw %}<!--"


def page_of(found: Results, stories: list[Story]) -> str:
    """The page, as `make grade` writes it."""
    return report.html(found, stories, KERNEL_BASE, Origin())


class Elements(HTMLParser):
    """The names of a page's elements, and the text of those whose names are asked for."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.names.append(tag)
        self.texts.setdefault(tag, []).append("")

    def handle_data(self, data: str) -> None:
        if self.names:
            self.texts[self.names[-1]][-1] += data


def broke(lab: labs.Lab, message: str) -> Story:
    """A test that infrastructure broke."""
    return Story(lab, results.TestResult(lab.tests[0].name, Verdict.INFRA, 4, Fraction(0), message))


def films_in(text: str) -> list[dict]:
    """The data for the scripts."""
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>',
                                text)[1])


@pytest.fixture(scope="module")
def whole() -> str:
    """A page with every lab, every test of it failed."""
    return page_of(*grading(TABLES))


def test_every_test_has_its_story_and_its_film(whole: str) -> None:
    every = [test for slug in TABLES for test in labs.find(slug).tests]
    assert whole.count('<details class="test"') == len(every)
    assert len(films_in(whole)) == len(every)
    assert "There is no picture" not in whole


def test_nothing_is_loaded_from_anywhere(whole: str) -> None:
    """No address but those of the labs' own text; the policy forbids the rest."""
    assert re.findall(r'(?:src|href)="(?!#)([^"]*)"', whole) == ["data:,"]
    assert "default-src &#39;none&#39;" in whole
    assert "unsafe" not in whole


def test_the_page_is_the_same_every_time(whole: str) -> None:
    assert whole == page_of(*grading(TABLES))


def test_the_seed_is_not_shown(whole: str) -> None:
    """An official one is the instructor's."""
    found, stories = grading(["buddy"])
    assert "secret-seed" not in page_of(replace(found, seed="secret-seed"), stories)


def test_it_says_whose_it_is_and_how_it_is_graded_again() -> None:
    found, stories = grading(["buddy"])
    extra = {"kit": {"commit": "c" * 40, "dirty": True}, "kernel_base": "0x80000000",
             "submission": {"files": {"buddy.cpp": "0"}}}
    public = origin.of("anna", extra, "bochs", "7", ["LAB=buddy", "SUBMISSION=handed in/anna", "SEED=7"])
    text = unescape(report.html(found, stories, KERNEL_BASE, public))
    for words in ("<title>anna: ", '<span class="whose">anna</span>', "commit cccccccccccc, changed since", "buddy.cpp",
                  "bochs, KERNEL_BASE=0x80000000", "<dd>7</dd>",
                  "make grade LAB=buddy SUBMISSION='handed in/anna' SEED=7"):
        assert words in text
    official = origin.of("anna", extra, "qemu", "", ["STUDENT=anna"])
    assert official.facts["Seed"] == "an official run's, which is not told"


def test_a_scenario_that_failed_leads_to_the_courses_own_site() -> None:
    """Where it plays on the reference; a site's kernels have one KERNEL_BASE."""
    found, stories = grading(TABLES)
    failing = next(story.outcome.failing for story in stories if story.outcome and story.outcome.failing)
    links = [unescape(link) for link in re.findall(r'class="right" href="([^"]*)"', report.html(
        found, stories, report.SITES_BASE, Origin(), site="https://uni.example/labs/"))]
    (played,) = [parse_qs(urlsplit(link).fragment) for link in links[:1]]
    assert links[0].startswith("https://uni.example/labs/try.html#")
    assert played == {"lab": [failing.lab], "play": [failing.content]}
    assert 'class="right"' not in report.html(found, stories, 0x80000000, Origin(), site="https://uni.example/labs/")
    assert 'class="right"' not in page_of(found, stories)


def test_what_a_student_wrote_is_text(buddy: labs.Lab) -> None:
    """In output, operations, messages of the compiler, reasons, names of commands."""
    found, stories = grading(["buddy"])
    story = stories[0]
    finding = replace(story.finding, output=[HOSTILE], seen=f"{HOSTILE}\n{HOSTILE}",
                      text=HOSTILE, rule=HOSTILE, picture=HOSTILE)
    outcome = replace(story.outcome, finding=finding)
    record = story.outcome.run.records[0]
    outcome.run.records[0] = replace(record, line=f"@1 init 8 -> {HOSTILE}")
    result = replace(story.result, message=HOSTILE)
    hostile = Story(buddy, result, outcome, finding, (HOSTILE,))
    text = page_of(replace(found, extra={"degraded": [HOSTILE]}), [hostile, *stories[1:]])
    plain = page_of(replace(found, extra={"degraded": ["plain"]}), stories)
    assert set(Elements(text).names) == set(Elements(plain).names)
    assert Elements(text).names.count("script") == 2
    assert films_in(text)[0]["steps"][0]["outcome"] == HOSTILE
    assert text.count("{{7*7}}") >= 6 and "49{%" not in text


def test_a_compilers_message_is_told_once(buddy: labs.Lab) -> None:
    """All tests of the lab have the same: the others point to the first."""
    found, stories = grading(["buddy"])
    same = [replace(s, result=replace(s.result, message="x.cpp:1: error"), outcome=Outcome([]),
                    finding=replace(s.finding, verdict=Verdict.BUILD, seen="\nx.cpp:1: error"))
            for s in stories]
    text = page_of(results_of(same), same)
    assert text.count("x.cpp:1: error") == 1
    assert text.count(f'The same as <a href="#buddy-{stories[0].result.name}">') == len(same) - 1
    assert found.labs[0].lab == buddy.slug


def test_one_cause_is_told_once_and_its_tests_are_listed(buddy: labs.Lab) -> None:
    """The others show where it happens with them. A recursion is no list of hundreds of functions."""
    _, stories = grading(["buddy"])
    places = [Place("find", "kernel/mm/buddy.cpp", 9)] * 200
    alike = [replace(s, code="->    9  return find(b < c);",
                     result=replace(s.result, message=f"stack overflow, in find at kernel/mm/buddy.cpp:{line}\n{line}"),
                     outcome=replace(s.outcome, places=places),
                     finding=replace(s.finding, verdict=Verdict.CRASH, rule="stack overflow", sentence="It ends."))
             for line, s in enumerate(stories, 9)]
    text = page_of(results_of(alike), alike)
    assert (text.count("<q>It ends.</q>"), text.count("199 times more")) == (1, 1)
    assert text.count("-&gt;    9  return find(b &lt; c);</pre>") == 1
    assert text.count(f'The same cause as <a href="#buddy-{stories[0].result.name}">') == len(stories) - 1
    assert f'The same cause in <a href="#buddy-{stories[1].result.name}">' in text
    assert text.count("<dt>Operation ") == len(stories)


def test_broken_infrastructure_is_no_zero(buddy: labs.Lab) -> None:
    story = broke(buddy, "qemu-system-i386 is missing")
    text = page_of(results_of([story]), [story])
    assert "No score: the grading broke" in text
    assert "qemu-system-i386 is missing" in text


def test_a_broken_integrated_stage_is_worth_nothing_known(buddy: labs.Lab) -> None:
    story = broke(buddy, "qemu-system-i386 is missing")
    test = {"name": "buddy/any_range", "verdict": "infra", "score": None, "max_score": 1, "message": ""}
    found = replace(results_of([story]), integrated=Course(integrated_weight=60).integrated_stage([test]))
    assert "(worth – of 60 points)" in page_of(found, [story])


def test_records_that_cannot_be_drawn_leave_the_story(buddy: labs.Lab, monkeypatch) -> None:
    """A picture is not worth losing a report for."""
    def fails(*_: object) -> None:
        raise KeyError("size")
    monkeypatch.setattr(film, "make", fails)
    text = page_of(*grading(["buddy"]))
    assert "can&#39;t be drawn (KeyError)" in text
    assert "<dt>Expected</dt>" in text


def test_many_long_films_fit_into_a_megabyte() -> None:
    """Five thousand operations in each of ten tests."""
    films = [long_film(5000)] * 10 + [long_film(10)]
    kept = report.fitted(films, 500_000)
    assert sum(shown.size() for shown in kept) < 550_000
    assert kept[-1] == films[-1], "a short one stays whole"
    assert all(len(shown.steps) > 300 for shown in kept[:10])


def test_a_page_with_many_long_films_is_under_a_megabyte(monkeypatch: pytest.MonkeyPatch) -> None:
    long = long_film(5000)
    monkeypatch.setattr(film, "make", lambda *_: long)
    found, stories = grading(["buddy"])
    text = page_of(found, stories)
    assert 900_000 < len(text.encode()) < 1_000_000
    assert len(films_in(text)) == len(stories)


def test_a_template_that_asks_for_what_is_not_there_is_an_error() -> None:
    with pytest.raises(Exception, match="undefined"):
        render.page("report.html.j2")


@pytest.mark.parametrize("body", ["for (;;) {}", "no C++"])
def test_the_page_is_written_whatever_went_wrong(submission: Callable, grade: Callable,
                                                 tmp_path: Path, body: str) -> None:
    """Beside results.json, by `make grade`."""
    graded = grade(submission(SKELETON.replace("BODY", body)))
    text = (tmp_path / "out" / "report.html").read_text()
    assert f'<span class="score">{graded.results["score"]}</span>' in text
    assert "There is no picture" not in text
    assert len(text.encode()) < 1_000_000


def test_the_reference_has_an_example_for_every_test(marionette: Callable, tmp_path: Path) -> None:
    """Records of real runs can be drawn: those of all labs."""
    done = marionette("grade", "--submission", str(ROOT / "solutions"), "--out", str(tmp_path))
    text = (tmp_path / "report.html").read_text()
    assert f"Score: {FULL_MARKS}/{FULL_MARKS}" in done.stdout
    assert "There is no picture" not in text
    assert len(films_in(text)) == sum(len(lab.tests) for lab in labs.all_labs())
    assert len(text.encode()) < 1_000_000


def test_what_stands_in_backticks_is_code_and_nothing_else_is_markup() -> None:
    said = render._with_code("Returns `max`, <b> & `a < b`")
    assert said == "Returns <code>max</code>, &lt;b&gt; &amp; <code>a &lt; b</code>"
