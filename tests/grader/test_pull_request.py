"""The students' workflow, its very steps, on a pull request that tries everything but honest work."""

from __future__ import annotations

import json
import os
from pathlib import Path

import actions
import format_rules as rules
import pytest
import workflow_rules
from conftest import FULL_MARKS, ROOT, mutant_text

from grader.kit import cut
from grader.kit.cut import git

# Leaves a mark wherever somebody runs it.
PYTHON = "import pathlib; pathlib.Path({mark!r}).touch()\n"
SHELL = "#!/bin/sh\ntouch {mark}\n"
MAKE = "$(shell touch {mark})\nkernel all grade:\n\ttouch {mark}\n"
FORGED = '{{"schema": "marionette-labs/results/v1", "score": 600, "max_score": 600}}'

HOSTILE = {
    "Makefile": MAKE, "GNUmakefile": MAKE, "kernel/kernel.mk": MAKE, "kernel/mm/Makefile": MAKE,
    "setup.sh": SHELL, "grader/marionette": SHELL, "bash": SHELL, "git": SHELL, "python3": SHELL,
    "conftest.py": PYTHON, "kernel/mm/conftest.py": PYTHON, "pytest.py": PYTHON, "rich.py": PYTHON,
    "sitecustomize.py": PYTHON, "grader/__init__.py": PYTHON, "grader/platforms.py": PYTHON,
    "labs/1-buddy/oracle.py": PYTHON, "labs/1-buddy/test_buddy.py": PYTHON,
    "pytest.ini": "[pytest]\naddopts = --collect-only\n",
    "labs/1-buddy/lab.toml": "title = 'free points'\n", "course.toml": "[integrated]\nweight = 6000\n",
    ".github/workflows/grade.yml": "on: pull_request_target\n",
    "build/grade/results.json": FORGED, "build/grade/report.html": FORGED,
    "kernel/mm/buddy.h": "#error the branch's header\n", "kernel/lib/todo.h": "#error as well\n",
}


@pytest.fixture(scope="module")
def mark(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that is made by whoever runs something of the branch's."""
    return tmp_path_factory.mktemp("mark") / "was-here"


@pytest.fixture(scope="module")
def repository(kit: cut.Kit, mark: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A student's repository: `main` is the kit as it was given out, `work` a hostile branch."""
    folder = tmp_path_factory.mktemp("student") / "repository"
    git(kit.folder, "clone", "-q", str(kit.folder), str(folder))
    git(folder, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(folder, "checkout", "-q", "-b", "work")
    for name, text in HOSTILE.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(mark=str(mark)))
        path.chmod(0o755)
    mm = folder / "kernel" / "mm"
    (mm / "buddy.cpp").write_text(mutant_text("buddy", "forgets_the_rest"))  # honest, with a mistake
    (mm / "kvmalloc.cpp").write_text(f'#include "{mark}"\n::error file=x::forged\n')
    for name, target in (("ppalloc", "/etc/passwd"), ("vpalloc", "../../../kit/kernel/mm/vpalloc.cpp")):
        (mm / f"{name}.cpp").unlink()
        (mm / f"{name}.cpp").symlink_to(target)
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "-q", "-m", "my work")
    return folder


@pytest.fixture(scope="module")
def run(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> actions.Run:
    """The pull request of `work` to `main`, graded. `sudo` and `apt-get` change nothing here."""
    tools = tmp_path_factory.mktemp("tools")
    for name in ("sudo", "apt-get"):
        (tools / name).write_text('#!/bin/sh\necho "$0 $*"\n')
        (tools / name).chmod(0o755)
    workflow = workflow_rules.load(git(repository, "show", "main:.github/workflows/grade.yml"))
    runner = actions.Runner(
        repository, {"base.sha": git(repository, "rev-parse", "main").strip(),
                     "head.sha": git(repository, "rev-parse", "work").strip(), "number": "1"},
        {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"})
    return runner.run(workflow["jobs"]["grade"], tmp_path_factory.mktemp("runner"))


def test_every_step_works(run: actions.Run) -> None:
    assert set(run.statuses.values()) == {0}, run.log
    assert len(run.statuses) == 6


def test_nothing_of_the_branch_was_run(run: actions.Run, mark: Path) -> None:
    del run
    assert not mark.exists()


def results_of(run: actions.Run) -> dict:
    """The results.json that was uploaded."""
    return json.loads((run.artifact("report") / "results.json").read_text())


def test_the_score_is_what_the_bases_grader_finds(run: actions.Run) -> None:
    results = results_of(run)
    verdicts = {lab["lab"]: {test["verdict"] for test in lab["tests"]} for lab in results["labs"]}
    assert verdicts["buddy"] == {"pass", "fail"}
    assert verdicts["ppalloc"] == verdicts["vpalloc"] == {"rejected"}
    assert verdicts["kvmalloc"] == {"build"}
    assert verdicts["malloc"] == verdicts["paging"] == {"todo"}
    assert results["max_score"] == FULL_MARKS
    (buddy, *others) = [lab["score"] for lab in results["labs"]]
    assert 0 < buddy < 100 and not any(others)


def test_the_report_is_the_graders_own(run: actions.Run) -> None:
    report = (run.artifact("report") / "report.html").read_text()
    assert "rest_of_block" in report and FORGED.format() not in report


def test_the_summary_is_a_summary(run: actions.Run) -> None:
    stories = rules.check_summary(run.summary)
    assert run.summary.startswith(f"## {results_of(run)['score']}/{FULL_MARKS} points\n")
    assert any("the rest is freed again" in story for story in stories)


def test_annotations_stand_at_the_students_lines(run: actions.Run) -> None:
    """The compiler's complaint, where it complains; nothing that the student wrote is a command."""
    found = rules.commands(run.log)
    places = {(properties.get("file"), properties.get("line")) for name, properties, _ in found
              if name == "error"}
    assert ("kernel/mm/kvmalloc.cpp", "1") in places
    assert all("forged" not in str(properties) for _, properties, _ in found)


def test_the_workflow_of_the_kit_is_the_one_that_was_checked(kit: cut.Kit) -> None:
    path = ".github/workflows/grade.yml"
    assert (kit.folder / path).read_bytes() == (ROOT / "grader/kit/template" / path).read_bytes()
