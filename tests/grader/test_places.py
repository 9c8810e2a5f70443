"""Wherever the kit lies, whoever grades, in whatever terminal: it works, or says in one sentence why not."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

import kits
from conftest import ROOT, mutant_text, shared
from grader.building import build, sandbox
from grader.course.labs import Lab

PATH = {"PATH": os.environ["PATH"]}
ODD = "Übung 1 'a\"b$c"  # a folder's name
NOBODY = 65534


@pytest.fixture
def kit(toolchain: build.Toolchain, buddy: Lab, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A kit with lab 1, in a folder whose name wants quoting."""
    there = shared(tmp_path_factory, "kit-of-lab-1", lambda folder: kits.prepare(folder, toolchain, [buddy]))
    return shutil.copytree(there / "kit", tmp_path / ODD / "kit", symlinks=True)


@pytest.fixture
def mistaken(tmp_path: Path) -> Path:
    """A submission that has points, and a mistake to be told of."""
    folder = tmp_path / "Lösung von Ann"
    folder.mkdir()
    (folder / "buddy.cpp").write_text(mutant_text("buddy", "no_coalescing"))
    return folder


def make(kit: Path, *words: str | Path, before: tuple = (), env: dict | None = None) -> subprocess.CompletedProcess:
    """Types `make …` in a kit; no Python's traceback is ever shown."""
    done = subprocess.run([*before, "make", "-C", kit, *words], env=env, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done


def grade(kit: Path, submission: Path, *words: str | Path, **how) -> dict:
    """Grades lab 1: results.json."""
    out = submission.parent / "out of it"
    done = make(kit, "grade", "LAB=buddy", f"SUBMISSION={submission}", f"OUT={out}", *words, **how)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((out / "results.json").read_text())


@pytest.mark.parametrize("environment", [
    PATH, PATH | {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
    {**os.environ, "TERM": "dumb"}, {**os.environ, "TMPDIR": ODD}, {**os.environ, "MAKEFLAGS": "-j4"}],
    ids=["nothing", "ASCII", "dumb", "TMPDIR", "-j4"])
def test_whatever_the_environment(kit: Path, mistaken: Path, tmp_path: Path, environment: dict) -> None:
    """No HOME, no TERM, no letters but ASCII's, a folder for temporary files with any name."""
    if "TMPDIR" in environment:
        (tmp_path / "tmp" / ODD).mkdir(parents=True)
        environment = environment | {"TMPDIR": str(tmp_path / "tmp" / ODD)}
    results = grade(kit, mistaken, env=environment)
    assert 0 < results["score"] < 100
    assert f"SUBMISSION='{mistaken}'" in "".join(test["message"] for test in results["labs"][0]["tests"])


def test_gdb_stands_where_it_is_to_stand(kit: Path, mistaken: Path) -> None:
    done = make(kit, "gdb", "TEST=buddy/coalescing", f"SUBMISSION={mistaken}", env=PATH | {"LC_ALL": "C"})
    assert "The kit's own commands" in done.stdout, done.stdout + done.stderr
    assert "Error" not in done.stdout + done.stderr


def test_handouts_are_made_where_nothing_speaks_utf_8(kit: Path, tmp_path: Path) -> None:
    done = make(kit, "handouts", "LAB=buddy", f"OUT={tmp_path / 'höher'}", env=PATH | {"LC_ALL": "C"})
    assert (tmp_path / "höher" / "index.html").exists(), done.stderr


def test_a_name_that_is_no_utf_8_is_refused(kit: Path) -> None:
    done = make(kit, "grade", b"SUBMISSION=a\xff")
    assert done.returncode == 2
    assert "--submission=a\\xff: a name in UTF-8 was expected" in done.stderr


@pytest.mark.parametrize("value", ['a"b', "a`id`", "$HOME", "a\\"])
def test_what_the_shell_would_not_take_as_it_stands_is_refused(kit: Path, value: str) -> None:
    done = make(kit, "grade", f"SUBMISSION={value}")
    assert done.returncode == 2
    assert f"SUBMISSION={value}: there can be no " in done.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="who runs this is an ordinary user")
def test_an_ordinary_user_grades(kit: Path, mistaken: Path) -> None:
    """Who has no home, and may write to nothing but the kit."""
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(kit, f"{name}/kit", ignore=shutil.ignore_patterns("objects", "preludes"))
        shutil.copytree(mistaken, f"{name}/mine")
        for path in (Path(name), *Path(name).rglob("*")):
            os.chown(path, NOBODY, NOBODY)
        os.chmod(name, 0o755)
        as_nobody = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
        results = grade(Path(name) / "kit", Path(name) / "mine", before=as_nobody, env=PATH)
    assert 0 < results["score"] < 100


def test_a_checkout_that_cant_be_written_to(kit: Path, mistaken: Path, toolchain: build.Toolchain,
                                            tmp_path: Path) -> None:
    if sandbox.degraded():
        pytest.skip("needs bubblewrap, to make it read-only")
    read_only = ("bwrap", "--dev-bind", "/", "/", "--ro-bind", kit, kit)
    done = make(kit, "grade", before=read_only)
    assert done.returncode == 2
    assert "can't be written to: BUILD_FOLDER=folder builds elsewhere" in done.stderr
    assert len(done.stderr.splitlines()) == 2, "a sentence, and make's own"
    elsewhere = tmp_path / "elsewhere"
    kits.give_kernel(elsewhere, toolchain)
    done = make(kit, "grade", "LAB=buddy", f"BUILD_FOLDER={elsewhere}", f"SUBMISSION={mistaken}", before=read_only)
    assert done.returncode == 0, done.stderr
    assert (elsewhere / "grade" / "report.html").exists()


def test_two_gradings_at_once_in_one_tree(kit: Path, mistaken: Path, tmp_path: Path) -> None:
    """Nothing is there yet of what both compile and link."""
    for name in ("objects", "preludes", "kernel/player"):
        path = kit / "build" / "0xC0000000" / name
        path.unlink() if path.is_symlink() else shutil.rmtree(path)
    wanted = {ROOT / "solutions": 100, mistaken: None}
    running = [subprocess.Popen(["make", "-C", kit, "grade", "LAB=buddy", f"SUBMISSION={folder}",
                                 f"OUT={tmp_path / str(i)}"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
               for i, folder in enumerate(wanted)]
    said = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    scores = [json.loads((tmp_path / str(i) / "results.json").read_text())["score"] for i in range(2)]
    assert scores[0] == 100 and 0 < scores[1] < 100
    compiled = re.findall(r"C\+\+  (\S+)", "".join(said))
    assert compiled and len(compiled) == len(set(compiled))


def test_clean_and_grade_in_one_go(kit: Path) -> None:
    """With -j, too, nothing is removed that was just made."""
    assert make(kit, "-j4", "clean", "kernel").returncode == 0
    assert (kit / "build" / "0xC0000000" / "toolchain.json").exists()


LIMIT = re.compile(r"\b(?:timeout|SECONDS|PATIENCE)\s*=\s*(\d+)")
DECIDE_NOTHING = {"report.py": "until a person is told what is waited for", "package.py": "what PrairieLearn gives",
                  "iso.py": "GRUB's menu", "one_submission.py": "a multiple of the backstop",
                  "search.py": "a factor of limits of instructions",
                  "test_gdb.py": "a loop that does not end, looked at for a moment"}


def test_no_wait_ends_because_a_machine_is_busy() -> None:
    """What ends a submission's program is processor time; all else is a backstop, for what stands still."""
    paths = [*(ROOT / "grader").rglob("*.py"), *(ROOT / "tests").glob("*/*.py")]
    found = {f"{path.relative_to(ROOT)}: {match[0]}": int(match[1]) for path in paths
             if path.name not in DECIDE_NOTHING for match in LIMIT.finditer(path.read_text(encoding="utf-8"))}
    assert {where for where, seconds in found.items() if seconds < 900} == set(), "sandbox.BACKSTOP; in tests 900"
    assert found and sandbox.BACKSTOP >= 900
