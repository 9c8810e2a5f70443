"""Grading where a platform runs us: its file is always there, and its log obeys nobody else."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import format_rules as rules
from conftest import ROOT, skeleton, tool_folder
from grader import formats, platforms
from grader.course import labs, secret

SHOUTING = skeleton(r'panic("::error::forged ##[add-mask]forged \n::warning::forged");')


@pytest.fixture
def platform(build_folder: Path, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess]:
    """Runs `marionette platform` in an empty folder."""
    del build_folder  # it is there

    def run(*arguments: str | Path, env: dict | None = None) -> subprocess.CompletedProcess:
        folder = tmp_path / "cwd"
        folder.mkdir(exist_ok=True)
        return subprocess.run([ROOT / "grader" / "marionette", "platform", "--work",
                               tmp_path / "work", *arguments], cwd=folder,
                              env=env or dict(os.environ), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=900, check=False)
    return run


def test_gradescope_gets_its_file(platform: Callable, submission: Callable, tmp_path: Path) -> None:
    out = tmp_path / "results" / "results.json"  # the folder is not there yet
    done = platform("--out", out, "gradescope", "--submission", submission(SHOUTING), "--lab",
                    "buddy")
    assert done.returncode == 0, done.stderr
    found = rules.check_gradescope(out.read_text())
    assert found["score"] == 0 and len(found["tests"]) == len(labs.find("buddy").tests)
    assert r"panic: ::error::forged ##[add-mask]forged \x0a::warning" in found["tests"][0]["output"]
    assert "/tmp" not in out.read_text()


def test_autolab_reads_the_last_line(platform: Callable, tmp_path: Path) -> None:
    done = platform("autolab", "--submission", ROOT / "solutions", "--lab", "buddy")
    assert done.returncode == 0
    lines = done.stdout.splitlines(keepends=True)
    assert rules.check_autolab("".join(lines[-2:])) == {"buddy": 100}


@pytest.mark.parametrize(("name", "told"), [("gradescope", True), ("autolab", False)])
def test_where_students_read_the_log_it_tells_nothing_of_missing_boxes(
        platform: Callable, tmp_path: Path, name: str, told: bool) -> None:
    """An unboxed grading is the course's affair: results.json says it, and a log that only the course sees."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for program in Path("/usr/bin").iterdir():
        if program.name != "bwrap":
            (folder / program.name).symlink_to(program)
    done = platform("--out", tmp_path / "file", name, "--submission", ROOT / "solutions", "--lab", "buddy",
                    env={**os.environ, "PATH": str(folder)})
    assert json.loads((tmp_path / "work" / "results.json").read_text())["degraded"]
    page = (tmp_path / "work" / "report.html").read_text()
    assert ("bubblewrap" in done.stdout, "bubblewrap" in page) == (told, told)


def test_one_folder_around_everything_is_looked_into(platform: Callable, tmp_path: Path) -> None:
    """As `make class` does: what a student zipped with a folder at its top."""
    (tmp_path / "handed-in" / "my work" / "mm").mkdir(parents=True)
    shutil.copy(ROOT / "solutions/mm/buddy.cpp", tmp_path / "handed-in" / "my work" / "mm")
    out = tmp_path / "file"
    platform("--out", out, "gradescope", "--submission", tmp_path / "handed-in", "--lab", "buddy")
    assert rules.check_gradescope(out.read_text())["score"] == 100


def test_no_platform_tells_an_official_seed(platform: Callable, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("c" * 32)
    done = platform("autolab", "--submission", ROOT / "kernel" / "mm", "--lab", "buddy",
                    "--student", "ann", "--secret", tmp_path / "secret")
    seed = secret.seed("", tmp_path / "secret", "ann", "")
    assert json.loads((tmp_path / "work" / "results.json").read_text())["seed"] == seed
    assert "official seed" in done.stdout
    assert seed not in done.stdout + done.stderr


def test_github_takes_no_command_from_a_submission(platform: Callable, submission: Callable,
                                                   tmp_path: Path) -> None:
    summary = tmp_path / "summary"
    done = platform("github", "--submission", submission(SHOUTING), "--lab", "buddy",
                    "--require", "1", env={**os.environ, "GITHUB_STEP_SUMMARY": str(summary)})
    assert done.returncode == 3
    assert "::error::forged ##[add-mask]forged" in done.stdout
    found = rules.commands(done.stdout)
    assert all("forged" not in properties.get("title", "") for _, properties, _ in found)
    assert {name for name, _, _ in found} == {"error", "notice"}
    assert all(message.startswith(("a panic", "double free panics", "buddy: 0/100", "score: 0/100")) for _, _, message in found)
    assert "::error::forged" in rules.check_summary(summary.read_text())[0]


def test_nothing_handed_in_is_a_zero_and_said_to_be_so(platform: Callable, tmp_path: Path) -> None:
    """And what there is instead, when its name is not the right one."""
    for there, said in (None, "no buddy.cpp"), ("buddy (1).cpp", "no buddy.cpp; what is there: buddy (1).cpp"):
        if there:
            (tmp_path / "cwd" / there).write_text("int a;")
        assert platform("classroom50", "--lab", "buddy").returncode == 0
        found = rules.check_classroom50((tmp_path / "cwd" / "result.json").read_text())
        assert (found["score"], found["max-score"]) == (0, 100)
        assert found["tests"][0]["message"].startswith("buddy.cpp was not handed in")
        assert said in " ".join(found["tests"][0]["message"].split()), found["tests"][0]["message"]


@pytest.mark.parametrize(("name", "status"), [("classroom50", 2), ("gradescope", 0)])
def test_a_broken_tool_is_no_zero(platform: Callable, tmp_path: Path, name: str,
                                  status: int) -> None:
    without = tool_folder(tmp_path / "bin")  # no emulator
    (without / "make").symlink_to(shutil.which("make"))
    out = tmp_path / "out"
    done = platform("--out", out, name, "--submission", ROOT / "solutions", "--lab", "buddy",
                    env={**os.environ, "PATH": str(without)})
    assert done.returncode == status, done.stderr
    found = rules.CHECKS[name](out.read_text())
    assert found.get("max-score", 0) == found.get("score", 0) == 0
    assert name == "classroom50" or "score" not in found


def test_what_went_wrong_is_said(platform: Callable, tmp_path: Path) -> None:
    out = tmp_path / "out"
    platform("--out", out, "prairielearn", "--lab", "bunny")
    assert "there is no lab 'bunny', only: buddy" in rules.check_prairielearn(out.read_text())[
        "format_errors"][0]


def test_the_file_is_there_when_the_grading_is_killed(tmp_path: Path, build_folder: Path) -> None:
    """With `kill -9`, as a platform ends what takes too long."""
    folder = tool_folder(tmp_path / "bin")
    (folder / "make").write_text("#!/bin/sh\necho begun; exec sleep 900\n")
    (folder / "make").chmod(0o755)
    out = tmp_path / "out"
    process = subprocess.Popen(
        [ROOT / "grader" / "marionette", "platform", "--work", tmp_path / "work",
         "--out", out, "gradescope"],
        env={**os.environ, "PATH": str(folder)}, stdout=subprocess.PIPE, start_new_session=True)
    try:
        assert process.stdout.readline() == b"begun\n"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert "ended before its time" in rules.check_gradescope(out.read_text())["output"]


def test_the_page_has_every_format_and_platform() -> None:
    page = (ROOT / "docs" / "formats.md").read_text()
    for form in formats.all_formats().values():
        assert f"| `{form.name}` | `{form.file}` |" in page
    for name in platforms.PLATFORMS:
        assert f"grader/marionette platform {name}" in page or f'"platform", "{name}"' in page


def test_an_unknown_platform_is_refused(platform: Callable) -> None:
    done = platform("moodle")
    assert done.returncode == 2
    assert "there is no platform 'moodle', only: gradescope, prairielearn" in done.stderr


# ---- make grade FORMATS=, make format ----

def test_formats_are_written_beside_the_results(grade: Callable, tmp_path: Path) -> None:
    graded = grade(ROOT / "kernel" / "mm", "--formats", "junit,gradebook", "--student", "u1")
    assert graded.status == 0
    out = tmp_path / "out"
    (suite,) = rules.check_junit((out / "junit.xml").read_text())
    assert suite.get("skipped") == str(len(labs.find("buddy").tests))
    assert rules.check_gradebook((out / "gradebook.csv").read_bytes().decode())[0]["buddy"] == "0"


def test_formats_are_written_when_the_grading_broke(grade: Callable, tmp_path: Path) -> None:
    graded = grade(tmp_path / "nowhere", "--formats", "junit,gradescope")
    assert graded.status == 2 and graded.results is None
    for name, file in (("junit", "junit.xml"), ("gradescope", "gradescope.json")):
        text = (tmp_path / "out" / file).read_text()
        rules.CHECKS[name](text)
        assert f"there is no {tmp_path}/nowhere" in text


def test_an_unknown_format_is_refused_before_anything_is_graded(grade: Callable) -> None:
    graded = grade(ROOT / "solutions", "--formats", "junit,pdf")
    assert graded.status == 2 and graded.results is None
    assert "there is no format 'pdf', only: autolab, classroom50" in graded.output


def test_make_format_converts_results(marionette: Callable, tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text(json.dumps(rules.EVERY_VERDICT))
    done = marionette("format", "gradescope,junit", "--results", path)
    assert done.stdout.splitlines() == [str(tmp_path / "gradescope.json"), str(tmp_path / "junit.xml")]
    done = marionette("format", "autolab", "--results", path, "--out", "-")
    assert rules.check_autolab(done.stdout) == {"buddy": 6.5, "malloc": 0}


def test_make_format_without_results_writes_that_there_are_none(marionette: Callable,
                                                               tmp_path: Path) -> None:
    done = marionette("format", "junit", "--results", tmp_path / "none.json")
    assert done.returncode == 2
    assert rules.check_junit((tmp_path / "junit.xml").read_text()).get("errors") == "1"


def test_make_format_of_results_without_a_score_writes_them_and_ends_with_2(marionette: Callable,
                                                                            tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text(json.dumps(rules.BROKEN_IN_PART))
    done = marionette("format", "classroom50,junit", "--results", tmp_path / "results.json")
    assert done.returncode == 2
    assert "There is no score: a tool of the grading broke" in done.stderr
    assert rules.check_junit((tmp_path / "junit.xml").read_text()).get("errors") == "1"
    assert rules.check_classroom50((tmp_path / "result.json").read_text())["max-score"] == 0


def test_a_format_is_written_when_what_was_typed_is_wrong(marionette: Callable, grade: Callable,
                                                          tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text(json.dumps(rules.EVERY_VERDICT))
    assert marionette("format", "gradebook", "--results", path, "--student", "u1", "--submitted",
                      "yesterday").returncode == 2
    assert grade(ROOT / "solutions", "--formats", "gradebook", "--student", "u1", "--submitted",
                 "yesterday").status == 2
    for folder in (tmp_path, tmp_path / "out"):
        (row,) = rules.check_gradebook((folder / "gradebook.csv").read_bytes().decode())
        assert (row["id"], row["remarks"]) == ("u1", "not graded: the grading broke")


@pytest.mark.parametrize(("options", "said"), [
    (("",), "FORMAT= is missing. There are:\n  autolab "),
    (("junit,autolab", "--out", "-"), "OUT= is for one format"),
    (("gradebook", "--submitted", "2030-10-19"), "SUBMITTED=2030-10-19: a moment was expected"),
    (("gradebook", "--submitted", "yesterday"), "SUBMITTED=yesterday: a moment was expected"),
    (("junit", "--out", "/proc/self/junit.xml"), "can't write /proc/self/junit.xml: "),
])
def test_what_make_format_cant_do_is_said(marionette: Callable, tmp_path: Path, options: tuple,
                                          said: str) -> None:
    done = marionette("format", *options, "--results", tmp_path / "results.json")
    assert done.returncode == 2
    assert said in done.stderr and "Traceback" not in done.stderr
