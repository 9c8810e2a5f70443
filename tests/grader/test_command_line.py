"""`make grade` and `make run` given wrong things: a clear answer, and never half a result."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import shlex
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pexpect
import pytest
from conftest import ROOT, mutant_text, skeleton, tool_folder

from grader.judging.verdict import Verdict

ARRAY = (ROOT / "solutions/alternatives/buddy/array.cpp").read_text()
ENDLESS = skeleton('for (;;) asm volatile("");')


@pytest.fixture(scope="module")
def forking() -> SimpleNamespace:
    """In no environment: here it is always the program itself that is run."""
    return SimpleNamespace(environment=None)


# ---- What can be graded ----

@pytest.mark.parametrize("place", ["kernel/mm", "mm", "."])
def test_where_a_submission_may_have_its_file(tmp_path: Path, grade_short: Callable,
                                              place: str) -> None:
    folder = tmp_path / "handed in" / place
    folder.mkdir(parents=True)
    (folder / "buddy.cpp").write_text(ARRAY)
    graded = grade_short(tmp_path / "handed in")
    assert (graded.status, graded.results["score"]) == (0, 10)


def test_the_first_of_several_places_counts(tmp_path: Path, grade_short: Callable) -> None:
    folder = tmp_path / "handed in"
    (folder / "kernel" / "mm").mkdir(parents=True)
    (folder / "kernel" / "mm" / "buddy.cpp").write_text(ARRAY)
    (folder / "buddy.cpp").write_text("#error not this one\n")
    assert grade_short(folder).results["score"] == 10


def test_the_untouched_stubs_get_nothing(grade: Callable) -> None:
    graded = grade(ROOT / "kernel" / "mm")
    assert graded.status == 0
    assert graded.results["score"] == 0
    assert set(graded.verdicts.values()) == {"todo"}


# ---- What can't ----

def refused(done: subprocess.CompletedProcess) -> str:
    """The command failed with status 2, one line on stderr and no traceback; returns the line."""
    assert done.returncode == 2, done.stdout + done.stderr
    (line,) = done.stderr.strip().splitlines()
    return line


def test_an_unknown_lab(marionette: Callable) -> None:
    line = refused(marionette("grade", "--lab", "bunny", "--submission", str(ROOT / "solutions")))
    assert line.startswith("marionette: there is no lab 'bunny', only: buddy")


def test_make_says_the_same(build_folder: Path) -> None:
    done = subprocess.run(["make", "grade", "LAB=bunny", "SUBMISSION=solutions"], cwd=ROOT,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "marionette: there is no lab 'bunny', only: buddy" in done.stderr


def test_a_submission_that_is_not_there(marionette: Callable, tmp_path: Path) -> None:
    folder = tmp_path / "nowhere"
    line = refused(marionette("grade", "--lab", "buddy", "--submission", str(folder)))
    assert line == f"marionette: there is no {folder}: SUBMISSION= takes a folder"


def test_a_submission_that_is_a_file(marionette: Callable, tmp_path: Path) -> None:
    path = tmp_path / "buddy.cpp"
    path.write_text(ARRAY)
    line = refused(marionette("grade", "--lab", "buddy", "--submission", str(path)))
    assert line == (f"marionette: {path} is no folder: SUBMISSION= takes the folder with the .cpp "
                    "files")


def test_an_empty_submission(marionette: Callable, tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    line = refused(marionette("grade", "--lab", "buddy", "--submission", str(folder)))
    assert line == (f"marionette: {folder} has none of buddy.cpp, neither in kernel/mm/, nor in "
                    "mm/, nor itself, nor in the one folder in it")
    (folder / "Buddy.cc").write_text(ARRAY)
    line = refused(marionette("grade", "--lab", "buddy", "--submission", str(folder)))
    assert line.endswith("; what is there: Buddy.cc")


def test_a_file_that_is_a_folder(marionette: Callable, tmp_path: Path) -> None:
    (tmp_path / "handed in" / "buddy.cpp").mkdir(parents=True)
    line = refused(marionette("grade", "--lab", "buddy", "--submission",
                              str(tmp_path / "handed in")))
    assert "has none of buddy.cpp" in line


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read everything")
def test_a_file_that_cant_be_read(submission: Callable, grade_short: Callable) -> None:
    folder = submission(ARRAY)
    (folder / "buddy.cpp").chmod(0)
    graded = grade_short(folder)
    assert set(graded.verdicts.values()) == {"build"}
    assert "buddy.cpp can't be read: Permission denied" in graded.output


@pytest.mark.skipif(os.geteuid() == 0, reason="root can read everything")
def test_a_folder_that_cant_be_read(marionette: Callable, submission: Callable) -> None:
    folder = submission(ARRAY)
    folder.chmod(0)
    line = refused(marionette("grade", "--lab", "buddy", "--submission", str(folder)))
    assert line == f"marionette: {folder} can't be read: check its permissions"


def test_out_under_a_file(marionette: Callable, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    out = tmp_path / "file" / "out"
    line = refused(marionette("grade", "--lab", "buddy", "--submission", str(ROOT / "solutions"),
                              "--out", str(out)))
    assert line == (f"marionette: can't write to {out}: Not a directory. Name another folder with "
                    "OUT=.")


@pytest.mark.parametrize("command", [("handouts", "--lab", "buddy"), ("mutant", "--lab", "buddy", "--name", "no_coalescing"),
                                     ("mutants", "--lab", "buddy", "--kind", "alternative")], ids=lambda command: command[0])
def test_out_that_is_no_folder(command: tuple, marionette: Callable, tmp_path: Path) -> None:
    out = tmp_path / "a file"
    out.write_text("mine")
    refused = marionette(*command, "--out", str(out))
    assert refused.returncode == 2
    assert refused.stderr.strip().startswith(f"marionette: {out}") and "Traceback" not in refused.stderr
    assert out.read_text() == "mine"


@pytest.mark.parametrize("more", [(), ("--formats", "junit")])
def test_out_that_is_read_only(marionette: Callable, more: tuple) -> None:
    """In /proc not even root can make a file."""
    line = refused(marionette("grade", "--lab", "buddy", "--submission", str(ROOT / "solutions"),
                              "--out", "/proc/self", *more))
    assert line.startswith("marionette: can't write to /proc/self: ")


def test_a_scenario_that_cant_be_saved(marionette: Callable, submission: Callable, tmp_path: Path) -> None:
    """Where the disk is full in the middle, say."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "scenarios").write_text("in the way")
    line = refused(marionette("grade", "--lab", "buddy", "--submission",
                              str(submission(mutant_text("buddy", "no_coalescing"))), "--out", str(tmp_path / "out")))
    assert line.startswith(f"marionette: can't write {tmp_path}/out/scenarios/buddy/")


def test_an_emulator_that_is_not_supported(marionette: Callable) -> None:
    line = refused(marionette("grade", "--lab", "buddy", "--submission", str(ROOT / "solutions"),
                              "--emulator", "abacus"))
    assert line.startswith("marionette: EMULATOR=abacus: ")


def test_a_kernel_that_was_not_built(tmp_path: Path) -> None:
    done = subprocess.run([ROOT / "grader" / "marionette", "grade", "--build", tmp_path, "--lab",
                           "buddy", "--submission", ROOT / "solutions"], capture_output=True,
                          text=True, check=False)
    assert refused(done).endswith("`make kernel` makes it anew")


# ---- REQUIRE ----

@pytest.mark.parametrize(("points", "status"), [("", 0), ("0", 0), ("0.5", 3), ("100", 3)])
def test_require(grade: Callable, points: str, status: int) -> None:
    graded = grade(ROOT / "kernel" / "mm", "--require", points)
    assert graded.status == status
    assert (f"marionette: 0 points, {points} were required" in graded.output) == (status == 3)
    assert graded.results["score"] == 0


def test_require_that_is_reached(grade: Callable) -> None:
    assert grade(ROOT / "solutions", "--require", "100").status == 0


def test_require_that_is_no_number(marionette: Callable, tmp_path: Path) -> None:
    done = marionette("grade", "--lab", "buddy", "--submission", str(ROOT / "solutions"),
                      "--out", str(tmp_path), "--require", "all")
    assert refused(done) == "marionette: REQUIRE=all: a number of points was expected"
    assert list(tmp_path.iterdir()) == []


# ---- results.json ----

def test_results_json(submission: Callable, grade: Callable) -> None:
    """The stable interface: docs/results.md."""
    graded = grade(submission(skeleton("*start = 0; return max;")), "--seed", "some seed")
    results = graded.results
    assert results.keys() >= {"schema", "score", "max_score", "seed", "emulator", "labs",
                              "integrated"}
    assert results["schema"] == "marionette-labs/results/v1"
    assert (results["seed"], results["emulator"]) == ("some seed", "qemu")
    assert isinstance(results["integrated"], dict)
    (lab,) = results["labs"]
    assert lab.keys() == {"lab", "score", "max_score", "tests"}
    assert (lab["lab"], lab["max_score"], results["max_score"]) == ("buddy", 100, 100)
    names = {verdict.value for verdict in Verdict}
    assert names == {"pass", "fail", "todo", "crash", "hang", "rejected", "build", "infra",
                     "not-run"}
    for test in lab["tests"]:
        assert test.keys() == {"name", "verdict", "score", "max_score", "message"}
        assert test["verdict"] in names
        assert 0 <= test["score"] <= test["max_score"]
        assert (test["verdict"] == "pass") == (test["score"] == test["max_score"])
        assert (test["verdict"] == "pass") == (test["message"] == "")
    assert lab["score"] == results["score"] == sum(test["score"] for test in lab["tests"])
    assert sum(test["max_score"] for test in lab["tests"]) == 100


def test_the_documents_example() -> None:
    text = (ROOT / "docs" / "results.md").read_text()
    begin = text.index("    {\n")
    results = json.loads(text[begin:text.index("\n\n", begin)])
    (lab,) = results["labs"]
    assert results.keys() >= {"schema", "score", "max_score", "seed", "emulator", "labs",
                              "integrated"}
    assert lab.keys() == {"lab", "score", "max_score", "tests"}
    for test in lab["tests"]:
        assert f"| `{test['verdict']}` |" in text
        assert test.keys() == {"name", "verdict", "score", "max_score", "message"}
    for verdict in Verdict:
        assert f"| `{verdict.value}` |" in text


def test_the_same_grading_gives_the_same_file(submission: Callable, grade_short: Callable) -> None:
    """Also where somebody has set what their own pytest is to do."""
    folder = submission(mutant_text("buddy", "more_than_max"))
    once = grade_short(folder).results
    assert once["labs"][0]["tests"][1]["verdict"] == "fail"
    own = {"PYTEST_ADDOPTS": "--no-such-option", "PYTEST_PLUGINS": "no_such_plugin", "PYTHONOPTIMIZE": "2"}
    assert grade_short(folder, env=own).results == once


# ---- make run SCENARIO= ----

def run_scenario(marionette: Callable, tmp_path: Path, text: str) -> subprocess.CompletedProcess:
    """Plays a scenario's text on the reference."""
    path = tmp_path / "my.scenario"
    path.write_text(text)
    return marionette("run", "--submission", str(ROOT / "solutions"), "--scenario", str(path))


def test_a_scenario_is_played(marionette: Callable, tmp_path: Path) -> None:
    done = run_scenario(marionette, tmp_path, "marionette-scenario 1\nlab buddy\nscenario mine\n"
                        "init 010\nfree 0 8\na = alloc 3 3\nfree a\nfree 7 1\n")
    assert done.returncode == 0, done.stderr
    assert [line.split() for line in done.stdout.splitlines()[1:6]] == [
        ["1", "init", "10", f"size={size_of_ten(done.stdout)}"], ["2", "free", "0", "8", "ok"],
        ["3", "alloc", "3", "3", "count=3", "start=0"], ["4", "free", "0", "3", "ok"],
        ["5", "free", "7", "1", "panic"]]
    assert done.stdout.startswith("scenario mine\n")
    assert "pass: every sentence of the contract was kept" in done.stdout


def test_a_broken_contract_fails_for_whoever_goes_on_with_and(tmp_path: Path, submission: Callable) -> None:
    """At a terminal, too: a loop over scenarios, typed there, asks for the status. And numbers stay as they were
    typed."""
    path = tmp_path / "my.scenario"
    path.write_text("marionette-scenario 1\nlab buddy\nscenario mine\ninit 0x10\nalloc 1 1\n")
    command = ["make", "run", f"SCENARIO={path}", f"SUBMISSION={submission(skeleton('return 1;'))}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "init 0x10 " in done.stdout and "\nfail: " in done.stdout
    screen, status = pexpect.run(shlex.join(command), cwd=str(ROOT), withexitstatus=True, timeout=900)
    assert b"fail: " in screen and status != 0


def size_of_ten(output: str) -> str:
    """The state's size: whatever the reference says."""
    return re.search(r"init 10 +size=(\d+)", output)[1]


@pytest.mark.parametrize(("text", "line", "expected"), [
    ("marionette-scenario 3\n", 1, "expected: marionette-scenario 1"),
    ("marionette-scenario 1\nlab bunny\nscenario a\ninit 8\n", 2, "there is no lab 'bunny', only:"),
    ("marionette-scenario 1\nlab buddy\nscenario a\ninit 8\n\nfree what? 1\n", 6,
     "'what?' is neither a number nor the name of a result"),
    ("marionette-scenario 1\nlab buddy\nscenario a\n# hello\ninit 8\nallocate 1 1\n", 6,
     "lab buddy has no operation 'allocate'"),
    ("marionette-scenario 1\nlab buddy\nscenario a\ninit 8\nalloc 1\n", 5,
     "too few words; expected: alloc MIN MAX"),
    ("marionette-scenario 1\nlab buddy\nscenario a\ninit 8\nalloc 1 2 3\n", 5,
     "too many words; expected: alloc MIN MAX"),
    ("marionette-scenario 1\nlab buddy\nscenario a\ninit 8\nfree nobody\n", 5,
     "'nobody' is no number, and no result has that name"),
    ("marionette-scenario 1\nlab buddy\nscenario a\ninit 8\nfree 0 8\nfree 4294967296 1\n", 6,
     "'4294967296' exceeds 32 bits"),
    ("marionette-scenario 1\nlab buddy\nscenario a\nalloc 1 1\n", 4,
     "there is no allocator yet: init UNITS"),
    ("marionette-scenario 1\nlab buddy\nscenario a\ninit 0\n", 4, "UNITS must be from 1 to"),
])
def test_a_scenario_with_a_wrong_line(marionette: Callable, tmp_path: Path, text: str, line: int,
                                      expected: str) -> None:
    done = run_scenario(marionette, tmp_path, text)
    said = refused(done)
    assert said.startswith(f"marionette: {tmp_path}/my.scenario:{line}: ")
    assert expected in said


def test_a_scenario_that_is_not_there(marionette: Callable) -> None:
    done = marionette("run", "--submission", str(ROOT / "solutions"), "--scenario", "/no/where")
    assert refused(done) == "marionette: /no/where can't be read: No such file or directory"


def test_without_a_lab_the_prompts_that_there_are_are_listed(marionette: Callable) -> None:
    done = marionette("run")
    assert done.returncode == 0
    assert done.stdout.splitlines()[:1] == ["Lab 1, A buddy allocator: make run LAB=buddy"]


def test_run_with_a_submission_that_does_not_compile(marionette: Callable,
                                                     submission: Callable) -> None:
    done = marionette("run", "--lab", "buddy", "--submission", str(submission("#error stop\n")))
    assert done.returncode == 2
    assert "marionette: the submission does not compile:\nkernel/mm/buddy.cpp:1:2: error: #error " \
           "stop" in done.stderr


# ---- Terminal escapes ----

def assert_no_control_characters(text: str) -> None:
    """Nothing that a terminal would obey but the end of a line."""
    assert not re.search(r"[^\n\x20-\x7e\xa0-\U0010ffff]", text), text


def test_escapes_in_the_compilers_output(submission: Callable, grade_short: Callable,
                                         tmp_path: Path) -> None:
    graded = grade_short(submission("#error \x1b]0;title\x07\x1b[31m red \x9b1m\n"))
    assert set(graded.verdicts.values()) == {"build"}
    assert "red" in graded.output
    assert_no_control_characters(graded.output)
    for test in graded.tests.values():
        assert_no_control_characters(test["message"])
    assert b"\x1b" not in (tmp_path / "out" / "results.json").read_bytes()


def test_escapes_in_the_students_output(submission: Callable, grade_short: Callable,
                                        tmp_path: Path) -> None:
    graded = grade_short(submission(skeleton(
        r'print("\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b" "1m"); panic("\x1b[2J gone");')))
    assert graded.verdicts["starts_empty"] == "crash"
    assert r"\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b1m" in graded.output
    assert_no_control_characters(graded.output)
    message = graded.tests["starts_empty"]["message"]
    assert r"panic: \x1b[2J gone" in message
    assert_no_control_characters(message)
    assert b"\x1b" not in (tmp_path / "out" / "results.json").read_bytes()


def test_markup_in_the_students_output_is_shown_as_it_is(submission: Callable,
                                                         grade_short: Callable) -> None:
    graded = grade_short(submission(skeleton('panic("[bold red]loud[/] :smile: [/nothing]");')))
    assert "panic: [bold red]loud[/] :smile: [/nothing]" in graded.output


def test_endless_output_ends(submission: Callable, grade_short: Callable) -> None:
    graded = grade_short(submission(skeleton('for (;;) print("on and on\\n");')))
    assert graded.verdicts["starts_empty"] == "hang"
    assert len(graded.output) < 20_000


def test_nobody_reads_to_the_end(build_folder: Path, tmp_path: Path) -> None:
    """`make grade | head -2`: the grading goes on, and its results are there."""
    done = subprocess.run(
        f'"{ROOT}/grader/marionette" grade --build "{build_folder}" --lab buddy --submission '
        f'"{ROOT}/solutions" --out "{tmp_path}" | head -2', shell=True, capture_output=True,
        text=True, check=False)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 2
    assert json.loads((tmp_path / "results.json").read_text())["score"] == 100


# ---- Ctrl-C ----

def processes() -> dict[int, tuple[int, str]]:
    """The processes that are alive: each one's parent, and its command line."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if fields[0] not in "ZX":
                line = (folder / "cmdline").read_text().replace("\0", " ")
                found[int(folder.name)] = (int(fields[1]), line)
        except (OSError, ValueError):
            continue
    return found


def emulators(ancestor: int) -> list[int]:
    """The emulators below a process, boxed or not."""
    alive = processes()

    def is_below(number: int) -> bool:
        while number in alive and number != ancestor:
            number = alive[number][0]
        return number == ancestor

    return [number for number, (_, line) in alive.items()
            if "-kernel" in line and is_below(number)]


def wait_for(condition: Callable[[], object]) -> None:
    """Waits until it holds."""
    end = time.monotonic() + 900
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.01)


@pytest.fixture
def stubborn(tmp_path: Path) -> dict[str, str]:
    """An environment whose QEMU is a true one that never gets anywhere: it starts paused."""
    folder = tool_folder(tmp_path / "bin")
    program = folder / "qemu-system-i386"
    program.write_text(f'#!/bin/sh\nexec {shutil.which("qemu-system-i386")} "$@" -S\n')
    program.chmod(0o755)
    return {**os.environ, "PATH": str(folder)}


@pytest.mark.parametrize(("whom", "number", "ctrl_c"), [
    ("group", signal.SIGINT, signal.SIG_DFL), ("one", signal.SIGTERM, signal.SIG_DFL),
    ("one", signal.SIGINT, signal.SIG_DFL), ("one", signal.SIGTERM, signal.SIG_IGN)])
def test_an_interrupted_grading_leaves_nothing_behind(
        build_folder: Path, tmp_path: Path, stubborn: dict[str, str], whom: str,
        number: signal.Signals, ctrl_c: signal.Handlers) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "results.json").write_text('{"from": "before"}')
    process = subprocess.Popen(
        [ROOT / "grader" / "marionette", "grade", "--build", build_folder, "--lab", "buddy",
         "--submission", ROOT / "solutions", "--out", out],
        cwd=ROOT, env=stubborn, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True, preexec_fn=lambda: signal.signal(signal.SIGINT, ctrl_c))
    try:
        wait_for(lambda: emulators(process.pid))
        begun = emulators(process.pid)
        if whom == "group":
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        _, errors = process.communicate(timeout=900)
    finally:
        process.kill()
    assert process.returncode == 130
    assert errors.strip() == "marionette: interrupted; nothing was written"
    wait_for(lambda: not processes().keys() & set(begun))
    assert [path.name for path in out.iterdir()] == ["results.json"]
    assert json.loads((out / "results.json").read_text()) == {"from": "before"}
