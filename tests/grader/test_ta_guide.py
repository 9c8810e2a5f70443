"""docs/ta-guide.md tells the truth: its commands are typed, and its screens are seen."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import screens
from conftest import ROOT, sampled
from screens import first_missing

from grader.emulators import bochs

GUIDE = ROOT / "docs" / "ta-guide.md"
SECTIONS = screens.steps(GUIDE.read_text(encoding="utf-8"))

SCREEN = ["one", "two 0x1dc000 buddy.cpp:12", "three", "four"]


@pytest.mark.parametrize("expected", [
    SCREEN, ["..."], ["...", "four"], ["one", "..."], ["one", "...", "three", "four"],
    ["one", "two 0x2ff000 buddy.cpp:99", "three", "four"], ["  one  ", "...", "three", "..."],
])
def test_what_is_on_the_screen(expected: list[str]) -> None:
    assert first_missing(expected, SCREEN) == ""


@pytest.mark.parametrize(("expected", "missing"), [
    (["one", "three"], "three"),  # there is a line between them
    (["two 0x1dc000 buddy.cpp:12", "..."], "two 0x1dc000 buddy.cpp:12"),  # not the first
    (["...", "three", "two 0x1dc000 buddy.cpp:12", "..."], "two 0x1dc000 buddy.cpp:12"),
    (["...", "five", "..."], "five"),
    (["one", "..."] + ["four", "five"], "five"),
    (SCREEN[:3], "end"),  # there is more
    ([], "end"),
    (["one", "...", "two 0x1d buddy.cpp:12", "..."], "two 0x1d buddy.cpp:12"),  # no address
])
def test_what_is_not(expected: list[str], missing: str) -> None:
    assert first_missing(expected, SCREEN) == missing


@pytest.mark.parametrize("section", sampled(SECTIONS), ids=lambda heading: heading.replace(" ", "-"))
def test_the_screens_of(section: str, build_folder: Path) -> None:
    del build_folder  # only that it is built
    for program in ("gdb", bochs.PROGRAM):
        if not shutil.which(program):
            pytest.skip(f"{program} is not installed")
    problems = screens.play(SECTIONS[section], ROOT)
    assert not problems, f"{GUIDE.name} is out of date:\n" + "\n".join(problems)


def test_it_walks_through_three_bugs_in_both_debuggers() -> None:
    assert len(SECTIONS) == 3
    for steps in SECTIONS.values():
        assert {step.prompt for step in steps} == {"$", "(gdb)", "<bochs>"}


def test_a_breakpoint_that_is_spoken_of_was_hit_above() -> None:
    for section in GUIDE.read_text(encoding="utf-8").split("\n## "):
        screens_of_it = " ".join(re.findall(r"```console\n.*?```", section, re.DOTALL))
        spoken_of = re.findall(r"[Bb]reakpoint (\d+)", re.sub(r"```.*?```", "", section, flags=re.DOTALL))
        assert set(spoken_of) <= set(re.findall(r"Breakpoint (\d+)", screens_of_it)), section.partition("\n")[0]
