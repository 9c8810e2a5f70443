"""A class run: everybody is graded as if alone, in any order, and nothing that was graded is lost."""

from __future__ import annotations

import csv
import fcntl
import io
import os
import re
import shutil
import signal
import subprocess
import textwrap
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path

import psutil
import pytest
from class_runs import (
    SECONDS,
    alive,
    command,
    done,  # noqa: F401: a fixture
    graded,
    gradings,
    records,
    run,
    scores,
    small_class,
    start,
    students,  # noqa: F401: a fixture
    wait_until,
)
from conftest import ROOT
from rich.console import Console

from grader.building.toolchain import Toolchain
from grader.cohort import session
from grader.cohort.intake import gather
from grader.cohort.telling import summary
from grader.cohort.work import dispatch
from grader.cohort.work.dispatch import Plan, Step
from grader.cohort.work.store import opened
from grader.course import labs
from grader.errors import GraderError

pytestmark = pytest.mark.usefixtures("build_folder")

PAGE = 4096  # of a tmpfs, where each file has whole ones


# ---- Everybody ----

def test_everybody_gets_what_he_deserves(done: Path, tmp_path: Path) -> None:
    expected = small_class(tmp_path / "again")
    found = scores(done)
    assert found.keys() == expected.keys()
    assert {s: p for s, p in expected.items() if p is not None and found[s] != p} == {}
    assert 0 < found["ben"] < 100


def test_it_is_the_score_of_make_grade(done: Path, students: Path, marionette, tmp_path: Path) -> None:
    marionette("grade", "--lab", "buddy", "--submission", str(done / "students/ben/submission"),
               "--out", str(tmp_path / "students" / "ben"))
    alone = graded(tmp_path)["ben"]
    assert [(test["verdict"], test["score"]) for test in alone["labs"][0]["tests"]] == \
        [(test["verdict"], test["score"]) for test in graded(done)["ben"]["labs"][0]["tests"]]


@pytest.mark.parametrize(("student", "verdict", "message"), [
    ("fritz", "not-run", "buddy.cpp was not handed in"),
    ("greta", "rejected", "nothing can be taken from what was handed in: os-labs/kernel/mm/buddy.cpp in it is damaged"),
    ("hugo", "rejected", "nothing can be taken from what was handed in: ../../solutions/mm/buddy.cpp"),
    ("emil", "build", "kernel/mm/buddy.cpp:1:"),
])
def test_what_can_not_be_graded_says_why(done: Path, student: str, verdict: str, message: str) -> None:
    tests = graded(done)[student]["labs"][0]["tests"]
    assert {test["verdict"] for test in tests} == {verdict}
    assert all(test["message"].startswith(message) for test in tests)


def test_nothing_names_a_folder_that_is_gone(done: Path) -> None:
    for path in done.rglob("*.json"):
        assert "/tmp/marionette" not in path.read_text()
    message = next(test["message"] for test in graded(done)["ben"]["labs"][0]["tests"]
                   if test["verdict"] == "fail")
    assert "SUBMISSION=OUT/students/ben/submission" in message
    assert (done / "students/ben/submission/buddy.cpp").is_file()


def test_the_tables_and_the_page_have_everybody(done: Path) -> None:
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO((done / "class.csv").read_text()))}
    assert {student: float(row["score"]) for student, row in rows.items()} == scores(done)
    assert rows["greta"]["remark"].startswith("nothing can be taken")
    page = (done / "index.html").read_text()
    for student in rows:
        assert f'href="students/{student}/report.html"' in page
        assert (done / "students" / student / "report.html").is_file()
    assert "anna" in (done / "gradebook.csv").read_text()


def test_what_is_like_the_reference_is_for_a_person_to_look_at(done: Path) -> None:
    """Full marks all the same; and nothing is said of those who have none."""
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO((done / "class.csv").read_text()))}
    assert rows["anna"]["remark"].startswith("buddy.cpp: 100% of its code is a released object's, too")
    assert float(rows["anna"]["score"]) == 100
    assert rows["fritz"]["remark"] == "none of the files that are graded was handed in"
    assert "buddy.cpp 100 %" in (done / "index.html").read_text()


def test_order_and_jobs_do_not_matter(done: Path, students: Path, tmp_path: Path) -> None:
    shutil.copytree(students, tmp_path / "class", symlinks=True)
    for i, path in enumerate(sorted((tmp_path / "class").iterdir(), reverse=True)):
        path.rename(path.with_name(f"{i}-{path.name}"))
    assert run(tmp_path / "class", tmp_path / "out", "--jobs", "3").returncode == 0
    assert {name.partition("-")[2]: score for name, score in scores(tmp_path / "out").items()} \
        == scores(done)


SBATCH = """import os, re, subprocess, sys
script = open(sys.argv[1]).read()
first, last = map(int, re.search(r"^#SBATCH .*--array=(\\d+)-(\\d+)", script, re.M).groups())
tasks = [subprocess.Popen(["bash", sys.argv[1]], env={**os.environ, "SLURM_ARRAY_TASK_ID": str(i), "SLURM_CPUS_PER_TASK": "1"})
         for i in range(first, last + 1)]
sys.exit(max(task.wait() for task in tasks))
"""


def test_a_class_in_parts_as_the_page_has_it_is_the_class(done: Path, students: Path, tmp_path: Path) -> None:
    """Two array tasks by a stand-in for sbatch, at the same time; then one command that gathers."""
    few, out = tmp_path / "class", tmp_path / "out"
    few.mkdir()
    for name in ("anna", "carl.zip", "fritz"):
        os.symlink(students / name, few / name)
    page = (ROOT / "docs" / "class.md").read_text(encoding="utf-8")
    script = next(block for block in re.findall(r"(?:^    .*\n)+", page, re.MULTILINE) if "--array" in block)
    script = textwrap.dedent(script).replace("=handed-in", f"={few} LAB=buddy OUT={out}").replace("0-7", "0-1").replace("/8", "/2")
    (tmp_path / "array.sh").write_text(script)
    (tmp_path / "sbatch").write_text(SBATCH)
    subprocess.run(["/usr/bin/python3", tmp_path / "sbatch", tmp_path / "array.sh"], cwd=ROOT, check=True, capture_output=True,
                   timeout=SECONDS)
    assert {path.name for path in (out / "shards").glob("*/students/*")} == {"anna", "carl", "fritz"}
    gathered = run(few, out)
    assert "3 submissions: 3 graded already" in gathered.stdout, gathered.stdout + gathered.stderr
    assert graded(out) == {name: graded(done)[name] for name in ("anna", "carl", "fritz")}
    assert not list((out / "shards").glob("*/students/*"))


@pytest.mark.parametrize("part", ["2", "2/2", "-1/2", "a/b", "1/0"])
def test_a_part_that_there_is_not_is_said(students: Path, tmp_path: Path, part: str) -> None:
    refused = run(students, tmp_path / "out", f"--shard={part}")
    assert refused.returncode == 2 and "a part and how many there are was expected" in refused.stderr


# ---- Nothing twice, nothing lost ----

def copy(done: Path, tmp_path: Path) -> Path:
    """A copy of a run's output folder, to go on with."""
    return Path(shutil.copytree(done, tmp_path / "out", symlinks=True))


def test_nobody_is_graded_twice(done: Path, students: Path, tmp_path: Path) -> None:
    out = copy(done, tmp_path)
    before = records(out)
    again = run(students, out)
    assert again.returncode == 0
    assert "8 submissions: 8 graded already" in again.stdout
    assert records(out) == before


def test_what_changed_is_graded_again(done: Path, students: Path, tmp_path: Path) -> None:
    out = copy(done, tmp_path)
    shutil.copytree(students, tmp_path / "class", symlinks=True)
    (tmp_path / "class" / "fritz" / "buddy.cpp").write_text("#error\n")  # handed in late
    results = out / "students" / "anna" / "results.json"
    results.write_text(results.read_text().replace("100", "99"))  # damaged, or made nicer
    (out / "students" / "carl" / "graded.json").write_bytes(b"")  # as after a power cut
    again = run(tmp_path / "class", out)
    assert "8 submissions: 5 graded already, 3 graded" in again.stdout
    assert graded(out)["anna"] == graded(done)["anna"]
    assert graded(out)["fritz"]["labs"][0]["tests"][0]["verdict"] == "build"


def test_what_is_gone_nobodys_or_twice_is_told(done: Path, students: Path, tmp_path: Path) -> None:
    out = copy(done, tmp_path)
    few = tmp_path / "class"
    few.mkdir()
    os.symlink(students / "anna", few / "anna")
    (few / "notes.txt").touch()
    said = run(few, out).stdout
    assert "not taken: notes.txt: neither a folder" in said and "not taken: students/ben: graded earlier" in said
    table = (out / "class.csv").read_text()
    assert "\nnotes.txt,," in table and "\nstudents/ben,," in table
    assert "students/anna,," not in table


def begun(process: subprocess.Popen, out: Path) -> list[int]:
    """The gradings under way, once some have been done."""
    return wait_until(lambda: len(records(out)) >= 2 and gradings(process.pid), "the first submissions")


def crowded(students: Path, folder: Path) -> Path:
    """The class with so many more, who come first, that no run over it ends before it is stopped."""
    shutil.copytree(students, folder, symlinks=True)
    for i in range(60):
        os.symlink(students / "anna", folder / f"aa-{i}")
    return folder


def test_a_run_that_is_killed_loses_only_what_was_under_way(done: Path, students: Path,
                                                            tmp_path: Path) -> None:
    out, crowd = tmp_path / "out", crowded(students, tmp_path / "crowd")
    process = start(crowd, out, "--jobs", "2")
    graders = begun(process, out)
    process.kill()
    process.wait()
    wait_until(lambda: not alive(graders), "graders to end with the run that started them")
    kept = records(out)
    for student in {path.name for path in crowd.glob("aa-*")} - kept.keys():
        (crowd / student).unlink()  # there would be no end of it
    again = run(crowd, out)
    assert again.returncode == 0
    everybody = graded(done).keys() | kept.keys()
    assert (f"{len(everybody)} submissions: {len(kept)} graded already, "
            f"{len(everybody) - len(kept)} graded" in again.stdout)
    assert {student: graded(out)[student] for student in graded(done)} == graded(done)
    assert {student: records(out)[student] for student in kept} == kept
    assert not list((out / "students").glob(".*"))


@pytest.mark.parametrize("whose", ["grading", "nursery"])
def test_a_grading_that_is_killed_is_nobody_elses_loss(students: Path, tmp_path: Path, whose: str) -> None:
    out, everybody = tmp_path / "out", Path(shutil.copytree(students, tmp_path / "class", symlinks=True))
    (everybody / "aaron").mkdir()  # the first, and he takes seconds
    shutil.copy(ROOT / "tests/grader/attacks/buddy/endless_loop.cpp", everybody / "aaron" / "buddy.cpp")
    process = start(everybody, out, "--jobs", "1")
    grading = psutil.Process(wait_until(lambda: gradings(process.pid), "the first grading")[0])
    (grading if whose == "grading" else grading.parent()).kill()
    said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 2
    assert "aaron: no score: the grader ended with status -9, without a word" in said
    assert "9 submissions: 8 graded, 1 no score" in said


def test_an_interrupted_run_sums_up_and_goes_on_later(students: Path, tmp_path: Path) -> None:
    out, everybody = tmp_path / "out", crowded(students, tmp_path / "class")
    process = start(everybody, out, "--jobs", "1")
    graders = begun(process, out)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert "Interrupted: what was graded is kept, and the same command goes on." in said
    assert "Traceback" not in said
    assert not alive(graders)
    page = (out / "index.html").read_text()
    assert "not graded yet" in page
    assert len(records(out)) < 60


def test_a_full_disk_ends_the_run_and_loses_nothing(students: Path, done: Path,
                                                    tmp_path: Path) -> None:
    few = tmp_path / "class"
    few.mkdir()
    for name in ("anna", "carl.zip", "fritz"):
        os.symlink(students / name, few / name)
    needed = sum(-(-path.stat().st_size // PAGE) * PAGE for name in ("anna", "carl", "fritz")
                 for path in (done / "students" / name).rglob("*") if path.is_file())
    out = tmp_path / "disk" / "out"
    out.parent.mkdir()
    script = """mount -t tmpfs -o size=$1 none "$2" || exit 77; shift; disk=$1; shift
        "$@"; echo "status $?"; ls -d "$disk"/out/students/*; mount -o remount,size=50m "$disk"
        "$@"; echo "status $?"; cp -r "$disk/out" "$disk/../kept" """
    finished = subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script,
                               "sh", str(needed * 3 // 4), str(out.parent), *command(few, out, "--jobs", "1")],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=SECONDS, check=False)
    if finished.returncode == 77:
        pytest.skip("no file systems can be mounted here")
    _, _, later = finished.stdout.partition("status 2")
    assert "No space left on device. What was graded before is kept" in finished.stderr
    kept = later.partition("submissions:")[0].count(str(out / "students"))
    assert 1 <= kept < 3, finished.stdout + finished.stderr
    assert f"3 submissions: {kept} graded already, {3 - kept} graded" in later
    assert later.rstrip().endswith("status 0")
    assert scores(tmp_path / "kept") == {s: p for s, p in scores(done).items()
                                         if s in ("anna", "carl", "fritz")}


@pytest.mark.parametrize(("options", "said"), [
    (("--refs", "main"), "REFS='main' goes with REPO="), (("--repo", "."), "one of the two was expected"),
    (("--jobs", "0"), "JOBS=0: how many"), (("--jobs", "²"), "JOBS=²: how many"),
])
def test_what_does_not_go_is_said_before_anything_is_graded(students: Path, tmp_path: Path, options: tuple,
                                                            said: str) -> None:
    refused = run(students, tmp_path / "out", *options)
    assert refused.returncode == 2 and not (tmp_path / "out").exists()
    assert said in refused.stderr and "Traceback" not in refused.stderr


def test_two_runs_do_not_write_to_one_folder(students: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with (tmp_path / "out" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        second = run(students, tmp_path / "out")
    assert second.returncode == 2
    assert "another class run is at work in" in second.stderr


# ---- Broken hosts ----

class Broken(Executor):
    """Loses every grading: as a cluster does with one that three workers died of."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def submit(self, function, task) -> Future:
        future: Future = Future()
        future.set_exception(self.error)
        return future


@pytest.mark.parametrize(("error", "said"), [
    (RuntimeError("three workers died"), "three workers died"), (ConnectionError(), "ConnectionError")])
def test_a_grading_that_is_lost_is_no_zero(tmp_path: Path, students: Path, error: Exception, said: str) -> None:
    told: list[tuple[str, Step]] = []
    entries = gather.from_folder(students, labs.all_labs()).entries[:2]
    plan = Plan([labs.find("buddy")], "buddy", lambda student: "1", "build/0xC0000000", "0xC0000000",
                lambda entry: entry.folder)
    with opened(tmp_path) as store:
        dispatch.run(entries, plan, store, Broken(error), lambda: 2,
                      lambda entry, step, problem: told.append((entry.id, step)))
        assert sorted(told) == [("anna", Step.BROKEN), ("ben", Step.BROKEN)]
        for entry in entries:
            record = store.load(entry.folder)
            assert (record.score, record.problem) == (None, f"the grading was lost: {said}")
            assert not store.is_graded(entry.folder, record.key)


def test_what_ended_a_run_is_told_where_not_even_the_page_can_be_written(
        students: Path, tmp_path: Path, toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(what: str) -> Callable:
        def fail(*_: object) -> None:
            raise GraderError(what)
        return fail
    monkeypatch.setattr(dispatch, "run", full("no room, but what was graded is kept"))
    monkeypatch.setattr(summary, "write", full("no room for class.csv"))
    request = session.Request(toolchain, labs.all_labs(), "", tmp_path / "out", str(students))
    with pytest.raises(GraderError, match="what was graded is kept"):
        session.grade_class(request, Console(quiet=True))


def test_a_broken_tool_is_no_zero_and_is_tried_again(students: Path, done: Path,
                                                     tmp_path: Path) -> None:
    few = tmp_path / "class"
    shutil.copytree(students / "anna", few / "anna")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "qemu-system-i386").write_text("#!/bin/sh\nexit 9\n")
    (tmp_path / "bin" / "qemu-system-i386").chmod(0o755)
    broken = subprocess.run(command(few, tmp_path / "out"), capture_output=True, text=True, check=False,
                            env={**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"})
    assert broken.returncode == 2
    assert "anna: no score: the emulator failed (status 9)" in broken.stdout
    assert run(few, tmp_path / "out").returncode == 0
    assert scores(tmp_path / "out") == {"anna": 100}


# ---- Seeds ----

def test_everybodys_own_seed_gives_the_same_score_again(students: Path, tmp_path: Path) -> None:
    few = tmp_path / "class"
    shutil.copytree(students / "anna", few / "anna")
    shutil.copytree(students / "anna", few / "berta")
    (tmp_path / "secret").write_text("0123456789abcdef0123456789abcdef")
    official = ("--lab", "vpalloc", "--secret", str(tmp_path / "secret"))
    assert run(few, tmp_path / "first", *official).returncode == 0
    first = graded(tmp_path / "first")
    assert first["anna"]["seed"] != first["berta"]["seed"]
    shutil.rmtree(few / "berta")
    assert run(few, tmp_path / "second", *official).returncode == 0
    assert graded(tmp_path / "second") == {"anna": first["anna"]}
    another = run(few, tmp_path / "third", *official, "--attempt", "2", "--compare", str(tmp_path / "second"))
    assert graded(tmp_path / "third")["anna"]["seed"] != first["anna"]["seed"]
    assert "Since " in another.stdout and "1 as before" in another.stdout
