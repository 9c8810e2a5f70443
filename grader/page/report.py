"""report.html: one grading as a page; the score, each test's story, and the pictures of what it played."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlencode

from grader.course.labs import Lab
from grader.evidence.records import Run
from grader.grading.outcome import Outcome, Story
from grader.judging.judge import Finding
from grader.judging.verdict import Verdict
from grader.page import film, render
from grader.page.film import Film
from grader.points import number
from grader.reporting import causes, explain, mend, results
from grader.reporting.origin import Origin
from grader.reporting.report import unreached
from grader.reporting.results import LabResult, Results
from grader.scenarios.scenario import Scenario

NAME = "report.html"
SCRIPTS = ("svg.js", "film.js", "axis.js", "rows.js", "panel_units.js", "panel_blocks.js",
           "panel_links.js", "panel_tree.js", "panel_facts.js", "viewer.js")
MOST_BYTES = 950_000
EXAMPLE_STEPS = 60  # of a test that passed, from the start of its shortest scenario
TRY, SITES_BASE = "try.html", 0xC0000000  # a site's prompt, and where its kernels' addresses begin (grader/site/player.py)
MOST_OF_A_LINK = 100_000  # characters behind its #, as web/page/scenario.mjs has it
MOST_TEXT = 4_000  # characters of anything that a compiler or a student wrote

SYMBOLS = {Verdict.PASS: "✓", Verdict.FAIL: "✗", Verdict.TODO: "○", Verdict.CRASH: "✗",
           Verdict.HANG: "✗", Verdict.REJECTED: "✗", Verdict.BUILD: "✗", Verdict.INFRA: "!",
           Verdict.NOT_RUN: "–"}


@dataclass
class TestPage:
    """What the page tells of one test. `film` is its number among the page's films."""

    story: Story
    headline: str = ""
    first: TestPage | None = None  # the test in which the same cause was told
    others: list[TestPage] = field(default_factory=list)  # of a test that tells a cause: those that have it, too
    same: bool = False  # as `first`, to the letter
    seen: str = ""
    seen_long: str = ""
    output: str = ""
    film: int | None = None
    no_film: str = ""
    plays: str = ""  # the page that plays the scenario that failed
    right: str = ""  # the course's own, which plays it on the reference

    @property
    def anchor(self) -> str:
        """Its name in links."""
        return f"{self.story.lab.slug}-{self.story.result.name}"

    @property
    def places(self) -> list[str]:
        """Where it happened, innermost first; what is called again and again stands once."""
        return explain.collapsed([str(place) for place in self.story.outcome.places]) if self.story.outcome else []

    def told_in(self, first: TestPage) -> None:
        """Its cause was told before."""
        self.first, self.same = first, self.story.result.message == first.story.result.message
        first.others.append(self)


def write(folder: Path, found: Results, stories: Sequence[Story], kernel_base: int,
          origin: Origin, players: Mapping[str, str] = MappingProxyType({}), site: str = "") -> Path:
    """Writes report.html into the output folder; returns its path."""
    path = folder / NAME
    results.write_whole(path, html(found, stories, kernel_base, origin, players, site))
    return path


def html(found: Results, stories: Sequence[Story], kernel_base: int, origin: Origin,
         players: Mapping[str, str] = MappingProxyType({}), site: str = "") -> str:
    """The page. `stories` are those of `found`'s tests, in the same order; `players` has the pages, by lab, that play
    the kernel; `site` is the address of the course's own (docs/browser.md), "" if there is none."""
    films: list[Film] = []
    told = causes.Told()
    tests = _tests(stories, films, told, kernel_base)
    for test in tests:
        test.plays = _played_in(players.get(test.story.lab.slug, ""), test.story.outcome)
        if site and kernel_base == SITES_BASE:
            test.right = _played_in(f"{site}{TRY}", test.story.outcome)
    labs = [_lab(result, [test for test in tests if test.story.lab.slug == result.lab])
            for result in found.labs]
    shown = {"found": found, "labs": labs, "first": _first_to_do(tests),
             "counts": Counter(test.story.result.verdict for test in tests),
             "examples": found.examples.get("labs", []), "integrated": _integrated(found, told),
             "degraded": found.extra.get("degraded", []),
             "diagnosis": found.extra.get("diagnosis", {}),
             "search": found.extra.get("search", {}), "unreached": unreached,
             "symbols": SYMBOLS, "Verdict": Verdict, "origin": origin}
    room = MOST_BYTES - len(render.page("report.html.j2", SCRIPTS, **shown, data=[]).encode())
    data = [entry.as_json() for entry in fitted(films, room)]
    return render.page("report.html.j2", SCRIPTS, **shown, data=data)


def fitted(films: list[Film], room: int) -> list[Film]:
    """The films, shortened so that all of them together take no more bytes than there is room for.

    The short ones stay as they are; the long ones get the same share of the rest.
    """
    fitting: dict[int, Film] = {}
    by_size = sorted(range(len(films)), key=lambda i: films[i].size())
    for turn, i in enumerate(by_size):
        share = max(room, 0) // (len(films) - turn)
        fitting[i] = films[i] if films[i].size() <= share else film.shortened(films[i], share)
        room -= fitting[i].size()
    return [fitting[i] for i in range(len(films))]


def _first_to_do(tests: list[TestPage]) -> TestPage | None:
    """Where to begin: the first test, from the easiest on, that did not pass."""
    return next((t for t in tests if t.story.result.verdict is not Verdict.PASS), None)


def _lab(result: LabResult, tests: list[TestPage]) -> dict:
    lab = tests[0].story.lab if tests else None
    return {"lab": lab, "result": result, "rungs": _rungs(lab, tests) if lab else []}


def _rungs(lab: Lab, tests: list[TestPage]) -> list[dict]:
    """The ladder: each rung's title, tests and points."""
    rung_of = {test.name: test.rung for test in lab.tests}
    rungs = []
    for rung, title in lab.rungs.items():
        mine = [t for t in tests if rung_of[t.story.result.name] == rung]
        scores = [t.story.result.share * t.story.result.max_score for t in mine]
        broken = any(t.story.result.score is None for t in mine)
        rungs.append({"title": title, "tests": mine, "score": None if broken else number(sum(scores)),
                      "max_score": sum(t.story.result.max_score for t in mine)})
    return rungs


def _tests(stories: Sequence[Story], films: list[Film], told: causes.Told, kernel_base: int) -> list[TestPage]:
    """All tests; what is said of a cause, and what is the same to the letter, stands with the first that has it."""
    tests: dict[str, TestPage] = {}
    for story in stories:
        test = tests[_name(story)] = _test(story)
        result = story.result
        if result.message and (first := told.before(_name(story), result.verdict, result.message)):
            test.told_in(tests[first.test])
        if not test.same:
            _add_film(test, films, kernel_base)
    return list(tests.values())


def _name(story: Story) -> str:
    return f"{story.lab.slug}/{story.result.name}"


def _test(story: Story) -> TestPage:
    test = TestPage(story)
    finding = story.finding
    if finding:
        test.headline = explain.headline(finding, story.outcome.places)
        first, _, rest = finding.seen.partition("\n")
        test.seen, test.seen_long = clipped(first), clipped(rest)
        test.output = clipped("\n".join(finding.output[-12:]), from_end=True)
    elif story.result.message:
        test.headline, _, test.seen_long = clipped(story.result.message).partition("\n")
    return test


def _add_film(test: TestPage, films: list[Film], kernel_base: int) -> None:
    scenario, run, finding = _to_show(test.story)
    if not run:
        return
    try:
        made = film.make(test.story.lab, scenario, run, finding, kernel_base,
                         None if finding else EXAMPLE_STEPS)
    except Exception as error:  # records may be forged; no picture is worth losing the report for
        test.no_film = f"There is no picture: the records can't be drawn ({type(error).__name__})."
        return
    if made.steps:
        test.film = len(films)
        films.append(made)


def _played_in(page: str, outcome: Outcome | None) -> str:
    """A link to the page with the scenario that failed in its fragment; "" if there is no page, no such scenario,
    or one that is too long for a link."""
    if not page or not outcome or not outcome.failing:
        return ""
    fragment = urlencode({"lab": outcome.failing.lab, "play": outcome.failing.content})
    return f"{page}#{fragment}" if len(fragment) < MOST_OF_A_LINK else ""


def _to_show(story: Story) -> tuple[Scenario | None, Run | None, Finding | None]:
    """The run to be shown, and what is wrong in it: the one that failed, or an example."""
    outcome = story.outcome
    if not outcome:
        return None, None, None
    if outcome.run:
        return outcome.failing, outcome.run, outcome.finding
    played = [entry for entry in outcome.played if entry.run and entry.run.finished]
    if outcome.finding or not played:
        return None, None, None
    shortest = min(played, key=lambda entry: len(entry.run.records))
    return shortest.scenario, shortest.run, None


def _integrated(found: Results, told: causes.Told) -> dict | None:
    """The integrated stage; its tests' messages clipped, and only of causes that were not told of a lab alone."""
    if not found.integrated:
        return None
    tests = [{**test, "verdict": Verdict(test["verdict"]), "message": clipped(
        told.words(f"integrated: {test['name']}", Verdict(test["verdict"]), test["message"]))}
             for test in found.integrated["tests"]]
    return {**found.integrated, "tests": tests, "begin": mend.first(found)}


def clipped(text: str, from_end: bool = False) -> str:
    """A text short enough to be shown."""
    if len(text) <= MOST_TEXT:
        return text
    return "… " + text[-MOST_TEXT:] if from_end else text[:MOST_TEXT] + " …"
