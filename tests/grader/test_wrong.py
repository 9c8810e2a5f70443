"""The grader is graded, lab by lab: wrong solutions fail where they are wrong, right ones pass.

Each wrong one (grader/mutants/LAB/*.cpp) says in its first lines what its mistake is, which test has to
catch it, and what that test's message has to begin with. A right one may say which tests, of
efficiency, it does not pass: `// slow in: NAME, NAME`.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import HERE, MUTANTS, ROOT

from grader import labs

LABS = ("ppalloc", "vpalloc", "kvmalloc", "malloc", "paging")


def sources(folder: Path) -> list:
    """The files of grader/mutants/ or alternatives/, as parameters of a test."""
    return [pytest.param(path.parent.name, path, id=f"{path.parent.name}-{path.stem}")
            for lab in LABS for path in sorted((folder / lab).glob("*.cpp"))]


def described(path: Path) -> dict[str, str]:
    """mistake, caught by and headline, from a wrong solution's first lines."""
    return dict(re.findall(r"^// ([a-z ]+): (.+)$", path.read_text(), re.MULTILINE))


@pytest.fixture
def graded(marionette: Callable, tmp_path: Path) -> Callable[..., dict[str, dict]]:
    """Grades the reference with one lab's file replaced; the results of the labs, by name."""
    def run(lab: str, path: Path, *only: str) -> dict[str, dict]:
        submission = tmp_path / "submission"
        shutil.copytree(ROOT / "solutions", submission)
        shutil.copy(path, submission / "mm" / labs.find(lab).files[0])
        done = marionette("grade", "--submission", str(submission), "--out", str(tmp_path / "out"),
                          *(option for slug in only for option in ("--lab", slug)))
        assert done.returncode == 0, done.stdout + done.stderr
        table = json.loads((tmp_path / "out" / "results.json").read_text())
        return {entry["lab"]: entry for entry in table["labs"]}
    return run


@pytest.mark.parametrize("lab", LABS)
def test_there_are_wrong_and_right_ones(lab: str) -> None:
    assert len(list((MUTANTS / lab).glob("*.cpp"))) >= 6
    assert list((HERE / "alternatives" / lab).glob("*.cpp"))


@pytest.mark.parametrize(("lab", "path"), sources(MUTANTS))
def test_a_wrong_one_fails_where_it_is_wrong(lab: str, path: Path, graded: Callable) -> None:
    about = described(path)
    assert about.keys() == {"mistake", "caught by", "headline"}
    result = graded(lab, path, lab)[lab]
    tests = {test["name"]: test for test in result["tests"]}
    caught = tests[about["caught by"]]
    assert caught["verdict"] in ("fail", "crash", "hang")
    assert caught["score"] == 0
    assert caught["message"].splitlines()[0].startswith(about["headline"])
    assert {test["verdict"] for test in tests.values()} <= {"pass", "fail", "crash", "hang"}


@pytest.mark.parametrize("lab", LABS)
def test_a_mistake_costs_points_in_its_own_lab_only(lab: str, graded: Callable) -> None:
    results = graded(lab, min((MUTANTS / lab).glob("*.cpp")))
    poorer = [slug for slug, entry in results.items() if entry["score"] != entry["max_score"]]
    assert poorer == [lab]


@pytest.mark.parametrize(("lab", "path"), sources(HERE / "alternatives"))
def test_a_right_one_of_another_design_gets_full_marks(lab: str, path: Path,
                                                       graded: Callable) -> None:
    result = graded(lab, path, lab)[lab]
    slow_in = set(filter(None, described(path).get("slow in", "").split(", ")))
    assert {test["name"]: test["message"] for test in result["tests"]
            if test["verdict"] != "pass" and test["name"] not in slow_in} == {}
    assert sum(test["max_score"] for test in result["tests"] if test["name"] in slow_in) <= 10
    assert result["max_score"] == 100
