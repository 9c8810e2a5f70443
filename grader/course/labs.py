"""The labs: each folder of labs/ with a lab.toml is one. Nothing else lists them."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import ModuleType

from grader.errors import GraderError
from grader.scenarios import lab_files

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Test:
    """A graded test as lab.toml describes it: `test_NAME` of the lab's test file."""

    name: str
    points: int
    rung: str
    idea: str  # what it is about, in words a student has


@dataclass(frozen=True)
class Lab:
    """A lab as its lab.toml describes it."""

    slug: str
    number: int
    title: str
    folder: Path
    files: tuple[str, ...]  # what the student writes, below kernel/mm/
    hours: int
    rungs: dict[str, str]  # name -> title, in the order of the ladder
    tests: tuple[Test, ...]
    may_call: tuple[str, ...]  # of the kit and of other labs, by name
    hints: tuple[str, ...]
    integrated: tuple[str, ...]  # the tests that the integrated stage plays again
    needs: tuple[str, ...] = ()  # the labs without whose solutions this lab's stage can't run
    stands_on: tuple[str, ...] = ()  # the labs whose functions it calls
    bochs: tuple[tuple[str, str], ...] = ()  # what helps in its debugger: commands, what they show
    search: Mapping[str, Sequence[int]] = field(default_factory=dict)  # what a search may play anywhere (docs/labs.md)
    memory_unit: int = 0  # bytes that a number in an operation stands for, if the operation concerns memory
    complaints: tuple[str, ...] = ()  # results with which an operation is not `ok` in examples
    touches: tuple[str, ...] = ()  # operations that read or write memory at an address that the scenario gives
    addresses: Mapping[str, Sequence[str]] = field(default_factory=dict)  # which arguments are of memory (docs/labs.md)

    @property
    def impostors(self) -> Path:
        """The file that names the mutants which examples are to catch, if the lab has one; no kit has."""
        return self.folder / "impostors.toml"

    @property
    def examples(self) -> str:
        """The name of the file with a student's examples."""
        return f"{self.slug}.scenario"

    @property
    def points(self) -> int:
        """What full marks are worth."""
        return sum(test.points for test in self.tests)

    def test(self, name: str) -> Test:
        """The test of that name, which the lab has."""
        return next(test for test in self.tests if test.name == name)

    @property
    def test_file(self) -> Path:
        """The pytest module with the graded tests."""
        return self.folder / f"test_{self.slug}.py"

    @cached_property
    def oracle(self) -> ModuleType:
        """The lab's oracle.py: its class Oracle judges one run (grader/judging/oracle.py)."""
        return lab_files.module(self.folder, "oracle")

    @cached_property
    def graded_tests(self) -> dict[str, Callable]:
        """The functions of the test file by their tests' names, in its order."""
        functions = vars(lab_files.module(self.folder, self.test_file.stem))
        return {name.removeprefix("test_"): function for name, function in functions.items()
                if name.startswith("test_")}

    def new_oracle(self, kernel_base: int):
        """An oracle for one run of an image whose kernel addresses begin at kernel_base."""
        oracle = self.oracle.Oracle()
        oracle.kernel_base = kernel_base
        return oracle

    def new_picture(self, oracle):
        """What draws the run that an oracle is about to follow (grader/page/picture.py); or None."""
        module = _picture_module(self.folder)
        return module.Picture(oracle) if module else None


@functools.cache
def _picture_module(folder: Path) -> ModuleType | None:
    return lab_files.module(folder, "picture") if (folder / "picture.py").exists() else None


def all_labs(root: Path = ROOT) -> list[Lab]:
    """Every lab, in the order of their numbers."""
    labs = [load(path) for path in root.glob("labs/*/lab.toml")]
    return sorted(labs, key=lambda lab: lab.number)


def find(slug: str, root: Path = ROOT) -> Lab:
    """The lab of that name or number, as handouts speak of it; the error for an unknown one lists those
    there are."""
    labs = all_labs(root)
    for lab in labs:
        if slug in (lab.slug, str(lab.number), lab.folder.name):
            return lab
    known = ", ".join(f"{lab.slug} ({lab.number})" for lab in labs)
    raise GraderError(f"there is no lab '{slug}', only: {known}")


def may_call(file: str, root: Path = ROOT) -> tuple[str, ...]:
    """What the student's file of that name may call of the kit and of other labs."""
    return next((lab.may_call for lab in all_labs(root) if file in lab.files), ())


@functools.cache
def _parsed(text: str) -> dict:
    """For reading only: a grading asks for the labs half a dozen times."""
    return tomllib.loads(text)


def load(path: Path) -> Lab:
    """Reads a lab.toml; the folder's name is NUMBER-SLUG."""
    number, _, slug = path.parent.name.partition("-")
    try:
        table = _parsed(path.read_text(encoding="utf-8"))
        rungs = {rung["name"]: rung["title"] for rung in table["rung"]}
        tests = tuple(Test(t["name"], t["points"], t["rung"], t["idea"]) for t in table["test"])
        lab = Lab(slug, int(number), table["title"], path.parent, tuple(table["files"]),
                  table["hours"], rungs, tests, tuple(table.get("may_call", ())),
                  tuple(table.get("hints", ())),
                  tuple(table.get("integrated", ())), tuple(table.get("needs", ())), tuple(table.get("stands_on", ())),
                  tuple((command, does) for command, does in table.get("bochs", ())),
                  table.get("search", {}), table.get("memory_unit", 0), tuple(table.get("complaints", ())),
                  tuple(table.get("touches", ())), table.get("addresses", {}))
    except (KeyError, ValueError) as error:
        raise GraderError(f"{path}: not a lab's description: {error}") from error
    if stray := set(lab.integrated) - {test.name for test in lab.tests}:
        raise GraderError(f"{path}: `integrated` names tests that there are not: {stray}")
    unknown = {test.rung for test in lab.tests} - set(lab.rungs)
    if unknown:
        raise GraderError(f"{path}: tests on rungs that are not described: {unknown}")
    return lab
