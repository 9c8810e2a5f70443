"""What the grader's own tests have in common: the kit, built; submissions; whole gradings."""

from __future__ import annotations

import fcntl
import json
import os
import pickle
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT))

import forked  # noqa: E402: needs the path above
from grader.building import build  # noqa: E402: needs the path above
from grader.course import course, labs  # noqa: E402: needs the path above
from grader.kit import cut  # noqa: E402
from grader.mutants import sources  # noqa: E402

# The kit's own labs owe more than one that a course adds (docs/new-lab.md says what).
OWN = [lab for lab in labs.all_labs() if lab.slug in ("buddy", "ppalloc", "vpalloc", "kvmalloc", "malloc", "paging")]

# A submission that does nothing but what is put in for BODY, at line 8.
SKELETON = """\
#include "mm/buddy.h"
#include "lib/panic.h"
#include "lib/print.h"
#include "lib/todo.h"
size_t buddy_state_size(size_t units) { return units; }
void buddy_init(buddy *b, size_t units, void *state) { *b = {units, state}; }
size_t buddy_alloc(buddy *b, size_t min, size_t max, size_t *start) {
    BODY
}
void buddy_free(buddy *, size_t, size_t) {}
"""
BODY_LINE = 8

# `TESTS=all make test` plays all that there is, not a sample of it (CONTRIBUTING.md).
ALL = os.environ.get("TESTS") == "all"

FULL_MARKS = sum(lab.points for lab in labs.all_labs())

NOW = datetime(2030, 10, 1, tzinfo=UTC)  # when the tests' kits are cut


@dataclass(frozen=True)
class Graded:
    """What is left of one run of `grader/marionette grade`; `results` is None without a file."""

    status: int
    output: str
    results: dict | None

    @property
    def tests(self) -> dict[str, dict]:
        """The graded tests of all labs, by name."""
        return {test["name"]: test for lab in self.results["labs"] for test in lab["tests"]}

    @property
    def verdicts(self) -> dict[str, str]:
        """Each graded test's verdict."""
        return {name: test["verdict"] for name, test in self.tests.items()}


def sampled(candidates: Iterable, *kinds: Callable[[object], object]) -> list:
    """So many of them that each of their kinds is there, the first of each; where no kinds are given, the first; or
    all."""
    everybody = list(candidates)
    if ALL or not kinds:
        return everybody if ALL else everybody[:1]
    seen: dict[tuple[int, object], int] = {}
    for i, candidate in enumerate(everybody):
        for number, kind in enumerate(kinds):
            seen.setdefault((number, kind(candidate)), i)
    return [everybody[i] for i in sorted(set(seen.values()))]


def mutant_text(lab: str, name: str) -> str:
    """The whole file of a hand-written mutant."""
    return sources.find(labs.find(lab), name).text


def make_kernel(kernel_base: str = "") -> Path:
    """Builds the kit, one test process at a time; returns the build folder."""
    base = kernel_base or "0xC0000000"
    lock = ROOT / "build" / ".tests-lock"
    lock.parent.mkdir(exist_ok=True)
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        done = subprocess.run(["make", "kernel", f"KERNEL_BASE={base}"], cwd=ROOT,
                              capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return ROOT / "build" / base


@pytest.fixture(scope="session")
def build_folder() -> Path:
    """Make's build folder, with the kernel in it."""
    return make_kernel()


@pytest.fixture(scope="session")
def toolchain(build_folder: Path) -> build.Toolchain:
    """How to compile and link a submission."""
    return build.Toolchain.load(build_folder)


@pytest.fixture(scope="session")
def reference_image(toolchain: build.Toolchain) -> Path:
    """The image with the reference in every place."""
    return build.image(toolchain, {})


@pytest.fixture(scope="session")
def buddy() -> labs.Lab:
    """Lab 1."""
    return labs.find("buddy")


def shared(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that is made once, by the first of the test processes that asks for it; they only read it."""
    own = factory.getbasetemp()
    top = own.parent if own.name.startswith("popen-") else own
    folder, whole = top / name, top / f"{name}.whole"
    with (top / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not whole.exists():
            shutil.rmtree(folder, ignore_errors=True)  # whose making failed
            folder.mkdir()
            make(folder)
            whole.touch()
    return folder


@pytest.fixture(scope="session")
def kit(toolchain: build.Toolchain, tmp_path_factory: pytest.TempPathFactory) -> cut.Kit:
    """A student's kit with everything released, and its kernel: each test process's own copy of what was cut once."""
    from kits import give_kernel  # which is made of names from here

    def make(folder: Path) -> None:
        made = cut.cut(folder / "kit", toolchain, course.Course(), NOW)
        give_kernel(made.folder / "build", toolchain)
        (folder / "about").write_bytes(pickle.dumps(made))
    there = shared(tmp_path_factory, "cut-kit", make)
    own = shutil.copytree(there / "kit", tmp_path_factory.mktemp("cut") / "the kit [1]", symlinks=True)
    return replace(pickle.loads((there / "about").read_bytes()), folder=own)


@pytest.fixture
def a_copy(kit: cut.Kit, tmp_path: Path) -> Path:
    """The kit as a student has it, with nothing built."""
    return Path(shutil.copytree(kit.folder, tmp_path / "mine", ignore=shutil.ignore_patterns("build")))


@pytest.fixture
def submission(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a folder that holds buddy.cpp with the given text."""
    def make(text: str) -> Path:
        folder = tmp_path / "submission"
        folder.mkdir(exist_ok=True)
        (folder / "buddy.cpp").write_text(text)
        return folder
    return make


@pytest.fixture(scope="session")
def forking(build_folder: Path) -> forked.Marionette:
    """What grades without starting anew."""
    return forked.Marionette(build_folder)


@pytest.fixture
def marionette(build_folder: Path, forking: forked.Marionette) -> Callable[..., subprocess.CompletedProcess]:
    """Runs grader/marionette with a command and its options, as the Makefile does."""
    def run(command: str, *options: str, env: dict | None = None) -> subprocess.CompletedProcess:
        if command == "grade" and forked.surroundings() | (env or {}) == forking.environment:
            return forking.run([command, "--build", str(build_folder), *options], 900)
        return subprocess.run([ROOT / "grader" / "marionette", command, "--build", build_folder,
                               *options], cwd=ROOT, env={**os.environ, **(env or {})},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=900, check=False)
    return run


@pytest.fixture
def grade(marionette: Callable, tmp_path: Path) -> Callable[..., Graded]:
    """Grades lab 1 of a submission's folder, results and all, in tmp_path/out."""
    def run(folder: Path, *options: str, env: dict | None = None) -> Graded:
        out = tmp_path / "out"
        done = marionette("grade", "--lab", "buddy", "--submission", str(folder),
                          "--out", str(out), *options, env=env)
        path = out / "results.json"
        results = json.loads(path.read_text()) if path.exists() else None
        return Graded(done.returncode, done.stdout + done.stderr, results)
    return run


# Lab 1 in little: the same player and oracle, three tests.
SHORT_LAB = {
    "lab.toml": """\
        title = "A buddy allocator, in short"
        files = ["buddy.cpp"]
        hours = 1
        [[rung]]
        name = "one"
        title = "One"
        [[test]]
        name = "starts_empty"
        points = 4
        rung = "one"
        idea = "at first everything is allocated"
        [[test]]
        name = "generated"
        points = 5
        rung = "one"
        idea = "a workload that shrinks"
        [[test]]
        name = "frees_only"
        points = 1
        rung = "one"
        idea = "passes even if buddy_alloc is wrong"
        """,
    "test_buddy.py": """\
        from grader.scenarios.scenario import operations
        from grader.scenarios.workload import fixed, generated, plays

        @plays(fixed("starts-empty"))
        def test_starts_empty(outcome):
            outcome.keeps_the_contract()

        @plays(generated(lambda stream, index: operations(
            "init 64\\nfree 0 64\\n" + "\\n".join(f"alloc {i} {i}" for i in range(1, 20))), 2))
        def test_generated(outcome):
            outcome.keeps_the_contract()

        @plays(generated(lambda stream, index: operations("init 64\\nfree 0 64")))
        def test_frees_only(outcome):
            outcome.keeps_the_contract()
        """,
    "scenarios/starts-empty.scenario": """\
        marionette-scenario 1
        lab buddy
        scenario starts-empty
        init 16
        alloc 1 1
        alloc 1 16
        scenario the-same-again
        init 16
        alloc 1 1
        alloc 1 16
        """,
}

# Grades labs that are not in the kit's own folder, as the command line does it.
GRADE_LABS = """\
import sys
from pathlib import Path
gated = sys.argv.pop() == "gated"
kit, build_folder, submission, out, *folders = map(Path, sys.argv[1:])
sys.path.insert(0, str(kit))
from rich.console import Console
from grader import __main__, grade
from grader.building import build
from grader.commands import grade as command
from grader.course import labs
def graded(options):
    request = grade.Request(submission, build.Toolchain.load(build_folder), out,
                            [labs.load(folder / "lab.toml") for folder in folders], gated=gated)
    return 2 if grade.grade(request, Console(highlight=False)).score is None else 0
command.run = graded
sys.exit(__main__.main(["grade", "--build", str(build_folder)]))
"""


@pytest.fixture
def grade_labs(build_folder: Path, tmp_path: Path) -> Callable[..., Graded]:
    """Grades a submission on labs in folders of their own."""
    def run(submission: Path, *folders: Path, env: dict | None = None,
            gated: bool = True) -> Graded:
        out = tmp_path / "out"
        done = subprocess.run([sys.executable, "-c", GRADE_LABS, ROOT, build_folder, submission,
                               out, *folders, "gated" if gated else "not"],
                              cwd=ROOT, env={**os.environ, **(env or {})},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=900, check=False)
        path = out / "results.json"
        results = json.loads(path.read_text()) if path.exists() else None
        return Graded(done.returncode, done.stdout + done.stderr, results)
    return run


def make_lab(folder: Path, files: dict[str, str]) -> Path:
    """Writes a lab's files into a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    return folder


def copy_oracle(folder: Path) -> None:
    """Gives a made-up lab the oracle of lab 1, with the modules that it imports."""
    for name in ("oracle.py", "worlds.py"):
        shutil.copy(ROOT / "labs" / "1-buddy" / name, folder)


@pytest.fixture
def grade_short(grade_labs: Callable, tmp_path: Path) -> Callable[..., Graded]:
    """Grades a submission on the short version of lab 1."""
    folder = make_lab(tmp_path / "1-buddy", SHORT_LAB)
    copy_oracle(folder)
    return lambda submission, env=None, gated=True: grade_labs(submission, folder, env=env,
                                                               gated=gated)


def tool_folder(folder: Path, *without: str) -> Path:
    """Makes a folder with links to the programs that the grader needs, except some.

    As the only PATH it hides bubblewrap: nothing is boxed, and any program may be the emulator.
    """
    folder.mkdir()
    binutils = ("g++", "ld", "as", "nm", "objdump", "objcopy", "addr2line", "c++filt", "readelf")
    for name in ("sh", "dirname", "sleep", "prlimit", *(f"i686-linux-gnu-{tool}" for tool in binutils)):
        if name not in without:
            (folder / name).symlink_to(shutil.which(name))
    return folder


def skeleton(body: str) -> str:
    """The skeleton of a submission, with a body for buddy_alloc (on one line)."""
    assert "\n" not in body
    return SKELETON.replace("BODY", body)
