"""`make grade`: one submission, one or all labs, from the files to results.json and report.html."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from rich.console import Console

from grader import emulators, limits
from grader.building import build, handed_in, sandbox, stage
from grader.building.stage import Stage
from grader.course import course, labs, secret
from grader.course.labs import Lab
from grader.diagnosis.submission import diagnosed
from grader.emulators import machine
from grader.errors import GraderError
from grader.examples import points
from grader.grading.again import Again, typed
from grader.grading.compiled import Compiled
from grader.grading.plugin import GradingPlugin
from grader.grading.search import told_of
from grader.grading.stage_grading import PUBLIC_SEED, StageGrading
from grader.judging.judge import Finding
from grader.judging.verdict import Verdict
from grader.page import report as report_page
from grader.reporting import origin, provenance, results, since
from grader.reporting.origin import Origin
from grader.reporting.report import TerminalReport

DEADLINE = 2 * limits.BACKSTOP  # seconds of anybody's time: what has not been played by then has no score


@dataclass(frozen=True)
class Request:
    """What is to be graded, and where the results go: `labs`, and if `integrated` all files together, too.

    `may_be_empty` grades a folder without any of the files, too. `refusal` says why nothing of the submission can be
    taken: then every test is `rejected`, with these words. Messages call the folders `called` and `out_called`, where
    they will not stay where they are. `for_students`: what is printed, and the page, do not tell how well the grading
    was protected. With `search` each submission is searched, too, and what that finds is told; in an official run the
    course may have it searched, and count it. `diagnose` writes which known mistakes a submission behaves like into
    diagnosis.json, and `tell_diagnosis` tells it. `plays` leaves the labs' images where a page can play them, and
    returns that page's address for each, for the report to link to. With `remember` a stage is not played again of
    which nothing has changed since it was graded last.
    """

    submission: Path
    toolchain: build.Toolchain
    out: Path
    labs: list[Lab]
    integrated: bool = False
    seed: str = PUBLIC_SEED
    emulator: str = "qemu"
    gated: bool = True
    jobs: int = os.cpu_count() or 1
    may_be_empty: bool = False
    refusal: str = ""
    called: str = ""
    out_called: str = ""
    for_students: bool = False
    search: bool = False
    diagnose: bool = False
    tell_diagnosis: bool = False
    plays: Callable[[Mapping[str, Path]], Mapping[str, str]] | None = None
    student: str = ""
    attempt: str = ""
    remember: bool = False

    def shown(self, path: Path) -> str:
        """A path of the submission's or the output folder, as messages have it."""
        for folder, name in ((self.submission, self.called), (self.out, self.out_called)):
            if name and path.is_relative_to(folder):
                return str(Path(name) / path.relative_to(folder))
        return typed(path)


def grade(request: Request, console: Console) -> results.Results:
    """Grades, reports on the console, writes results.json and report.html. Raises GraderError."""
    deadline = threading.Timer(DEADLINE, machine.stop_all, [f"the grading made no end of it in {DEADLINE} s"])
    deadline.daemon = True
    deadline.start()
    try:
        return _graded(request, console)
    finally:
        deadline.cancel()


def _graded(request: Request, console: Console) -> results.Results:
    started = time.monotonic()
    if not request.may_be_empty:
        handed_in.check(request.submission, request.labs)
    results.prepare(request.out)
    rules = course.load()
    gradings = {lab.slug: _grading(request, rules, stage.alone(lab)) for lab in request.labs}
    report = TerminalReport(console, lambda lab: gradings[lab.slug].made.warnings)
    integrated = _grading(request, rules, stage.together()) if request.integrated else None
    again = Again(request.submission, request.out, request.seed, request.toolchain.kernel_base,
                  request.toolchain.checks, request.shown)
    plugin = GradingPlugin(gradings, integrated, request.jobs, again, report.on_test,
                           report.wait)
    found = _judged(request, rules, plugin)
    _add_what_was_asked_for(request, rules, gradings, plugin, found)
    before = since.verdicts(request.out)
    path = results.save(found, request.out)
    told = replace(found, extra={**found.extra, "degraded": []}) if request.for_students else found
    report.stages_done(told)
    images = {slug: grading.made.image for slug, grading in gradings.items() if grading.made.image}
    page = report_page.write(request.out, told, plugin.stories, request.toolchain.kernel_base,
                             _origin(request, found), request.plays(images) if request.plays else {}, rules.site)
    stages = [*gradings.values(), *([integrated] if integrated else [])]
    report.recalled([grading.stage.name for grading in stages if grading.recalled])
    report.done(found, before, [str(path), str(page)], time.monotonic() - started)
    return found


def _judged(request: Request, rules: course.Course, plugin: GradingPlugin) -> results.Results:
    """What the graded tests say. Raises what broke, so that there is no score."""
    with ThreadPoolExecutor(1) as beside:
        around = beside.submit(provenance.gather, request.labs, request.submission,
                               request.toolchain, request.emulator, bool(rules.examples_weight))
        status = _run_pytest(request.labs, plugin)
    if plugin.broke:
        raise plugin.broke
    if status == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise GraderError(f"pytest gave up (status {int(status)}); see above")
    return _results(request, plugin, rules, around.result())


def _add_what_was_asked_for(request: Request, rules: course.Course, gradings: dict[str, StageGrading],
                            plugin: GradingPlugin, found: results.Results) -> None:
    """The search, the examples and the diagnosis: by the request, or by the course's rules."""
    search = {lab.slug: told_of(lab, grading.searched, grading.counts, plugin.commands)
              for lab in request.labs if (grading := gradings[lab.slug]).searched}
    if search:
        found.extra["search"] = search
    if rules.examples_weight:
        found.examples = points.scored(request.labs, request.submission, request.toolchain, rules.examples_weight,
                                       request.refusal)
    told_too = request.tell_diagnosis or rules.diagnosis_for_students
    if request.diagnose or told_too:
        _diagnose(request, gradings, plugin, found, told_too)


def _diagnose(request: Request, gradings: dict[str, StageGrading], plugin: GradingPlugin,
              found: results.Results, told: bool) -> None:
    """Which known mistakes it behaves like, lab by lab, where something fails: kept, and told."""
    diagnoses = {}
    for lab in request.labs:
        stories = [story for story in plugin.stories if story.lab.slug == lab.slug]
        if any(story.finding for story in stories) and all(story.outcome for story in stories):
            outcomes = {story.result.name: story.outcome for story in stories}
            if diagnosis := diagnosed(lab, gradings[lab.slug], outcomes, request.toolchain.folder):
                diagnoses[lab.slug] = diagnosis.as_json()
    if request.diagnose:
        results.write_whole(request.out / "diagnosis.json", json.dumps(diagnoses, indent=1) + "\n")
    if told and diagnoses:
        found.extra["diagnosis"] = diagnoses


def _results(request: Request, plugin: GradingPlugin, rules: course.Course,
             around: dict) -> results.Results:
    """What came of it all, with what is needed to grade it again."""
    warnings = {slug: grading.made.warnings for slug, grading in plugin.gradings.items() if grading.made.warnings}
    extra = {**around, "degraded": list(filter(None, [sandbox.degraded(), sandbox.unfiltered()])), "warnings": warnings,
             "weights": rules.all_weights(request.labs)}
    together = rules.integrated_stage(plugin.integrated_tests) if plugin.integrated else {}
    return results.Results(request.seed, request.emulator,
                           [plugin.results[lab.slug] for lab in request.labs], together, extra)


def _origin(request: Request, found: results.Results) -> Origin:
    """What the report says that it is of. A command that is typed again names the student, never the seed
    of an official run."""
    folder = request.shown(request.submission)
    own = request.submission.resolve() == labs.ROOT / "kernel" / "mm"
    public = not secret.is_official(request.seed)
    words = {"LAB": request.labs[0].slug if len(request.labs) == 1 else "",
             "SUBMISSION": "" if own else folder, "STUDENT": request.student, "ATTEMPT": request.attempt,
             "SEED": request.seed if public and request.seed != PUBLIC_SEED else "",
             "EMULATOR": request.emulator if request.emulator != "qemu" else ""}
    return origin.of(request.student or folder, found.extra, request.emulator,
                     request.seed if public else "", [f"{k}={v}" for k, v in words.items() if v])


def _grading(request: Request, rules: course.Course, graded: Stage) -> StageGrading:
    made = Compiled(refusal=Finding(Verdict.REJECTED, request.refusal)) if request.refusal else Compiled()
    counts = rules.search_counts and secret.is_official(request.seed)
    return StageGrading(graded, request.submission, request.toolchain, request.seed,
                        request.gated, made, emulators.find(request.emulator).boot,
                        searches=request.search or counts, counts=counts, remembers=request.remember)


# Plugins of pytest's own that graded tests have no use for, and that look at each of them.
_WITHOUT = [word for name in ("cacheprovider", "terminal", "doctest", "unittest", "logging", "warnings",
                              "unraisableexception", "threadexception", "junitxml", "nose", "stepwise",
                              "setuponly", "setupplan", "faulthandler", "legacypath", "pastebin", "recwarn")
            for word in ("-p", f"no:{name}")]


def _as_argument(lab: Lab) -> str:
    """A lab's test file by a path that says nothing of where the kit lies: behind a bracket pytest reads parameters."""
    return os.path.relpath(lab.test_file)


def _run_pytest(chosen: list[Lab], plugin: GradingPlugin) -> int:
    """Runs the labs' test files, shut off from every configuration that is not the kit's own."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(name, None)
    grader = labs.ROOT / "grader"
    return pytest.main(
        ["--assert=plain", "--capture=no", "--import-mode=importlib",
         *_WITHOUT,
         "-c", str(grader / "pytest.ini"), "--rootdir", str(labs.ROOT),
         "--confcutdir", str(grader), *map(_as_argument, chosen)],
        plugins=[plugin])
