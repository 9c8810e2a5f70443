"""Kits in the middle of a course: the first labs are out, or one alone, and every path grades them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import format_rules as rules
import kits
import workflow_rules
from conftest import ROOT, sampled
from grader import formats
from grader.building import build
from grader.course import labs
from grader.course.labs import Lab
from grader.formats.format import Context
from grader.mutants import sources

EVERY = labs.all_labs()
SOME = [tuple(EVERY[:count]) for count in range(1, len(EVERY))] + [(lab,) for lab in EVERY[1:]]


def make(kit: Path, submission: Path) -> list[str]:
    """As a student types it."""
    return ["make", "-s", "-C", str(kit), "grade", f"SUBMISSION={submission}"]


def workflow(kit: Path, submission: Path) -> list[str]:
    """The step of the pull request's workflow, where it has checked out both."""
    del submission  # `branch`, as the steps before have it
    job = workflow_rules.load((kit / ".github" / "workflows" / "grade.yml").read_text())["jobs"]["grade"]
    return ["bash", "-e", "-c", next(step["run"] for step in job["steps"] if step["name"] == "Grade")]


def package(kit: Path, submission: Path) -> list[str]:
    """As the packages for platforms call the kit in them."""
    return [str(kit / "grader" / "marionette"), "platform", "autolab", "--submission", str(submission), "--lab", ""]


PATHS = (make, workflow, package)


def submissions(given: Sequence[Lab], folder: Path) -> Iterator[tuple[str, Path]]:
    """The solutions; and by turns nothing done yet, or a mistake in the last lab that is out, and in no other."""
    last = given[-1]
    yield "solutions", ROOT / "solutions"
    if SOME.index(given) % 2:
        yield "stubs", ROOT / "kernel" / "mm"
        return
    shutil.copytree(ROOT / "solutions" / "mm", folder)
    (folder / last.files[0]).write_text(sources.written(last)[0].text)
    yield "mutant", folder


def graded(path, kit: Path, submission: Path) -> dict:
    """Grades on one of the paths; results.json, which every format could show."""
    branch = kit.parent / "branch"
    branch.unlink(missing_ok=True)
    branch.symlink_to(submission)
    done = subprocess.run(path(kit, submission), cwd=kit.parent, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, env={**os.environ, "REQUIRE": "0"}, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = kit / "build" / "grade" / "results.json"
    for form in formats.all_formats().values():
        text, missing = formats.convert(form, found, Context({}))
        assert not missing, missing
        rules.CHECKS.get(form.name, str)(text)
    return json.loads(found.read_text())


def verdicts(results: dict, *, integrated: bool = False) -> set[str]:
    """What the tests of the labs, or of the integrated stage, came to."""
    suites = [results["integrated"]] if integrated else results["labs"]
    return {test["verdict"] for suite in suites for test in suite["tests"]}


@pytest.mark.parametrize("given", sampled(SOME, lambda given: len(given) > 1),
                         ids=lambda given: "-".join(lab.slug for lab in given))
def test_a_kit_of_some_labs_grades_on_every_path(toolchain: build.Toolchain, tmp_path: Path,
                                                 given: tuple[Lab, ...]) -> None:
    """Each kit; the paths take turns, and each of them has every kind of submission."""
    kit = kits.prepare(tmp_path, toolchain, given)
    full = sum(lab.points for lab in given) + kits.WEIGHT
    expected = [f"{lab.slug}/{name}" for lab in given for name in lab.integrated]
    for i, (name, submission) in enumerate(submissions(given, tmp_path / "mutant"), SOME.index(given)):
        results = graded(PATHS[i % len(PATHS)], kit, submission)
        assert [lab["lab"] for lab in results["labs"]] == [lab.slug for lab in given]
        assert [test["name"] for test in results["integrated"]["tests"]] == expected
        assert results["max_score"] == full
        if name == "solutions":
            assert results["score"] == full
        elif name == "stubs":
            assert results["score"] == 0
            assert verdicts(results) == verdicts(results, integrated=True) == {"todo"}
        else:
            assert results["score"] < full
            assert [lab["score"] == 100 for lab in results["labs"]] == [True] * (len(given) - 1) + [False]


def test_where_one_lab_is_out_its_stage_and_the_integrated_one_are_two(toolchain: build.Toolchain,
                                                                       tmp_path: Path) -> None:
    """LAB= has the lab's alone, STAGE=integrated the other."""
    kit = kits.prepare(tmp_path, toolchain, EVERY[:1])

    def typed(*words: str) -> str:
        done = subprocess.run(["make", "-s", "-C", str(kit), *words, f"SUBMISSION={ROOT / 'solutions'}"],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "Integrated" not in typed("grade", "LAB=buddy")
    with_all = ", with all of the student's files"
    assert with_all in typed("explain", "TEST=buddy/coalescing", "STAGE=integrated")
    assert with_all not in typed("explain", "TEST=buddy/coalescing")
