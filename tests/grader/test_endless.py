"""What never comes back is found out soon, whichever of a lab's functions it is: nobody waits for it in every test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import ROOT, sampled

from grader.building import build, stage
from grader.course import labs
from grader.grading.play import BUDGET
from grader.grading.stage_grading import PUBLIC_SEED, StageGrading
from grader.judging.verdict import Verdict

FUNCTIONS = {
    "buddy": ("buddy_free", "buddy_alloc", "buddy_init", "buddy_state_size"),
    "ppalloc": ("ppinit", "ppalloc", "ppfree"),
    "vpalloc": ("vpcreate", "vpinit", "vpalloc", "vpfree", "vpdestroy"),
    "kvmalloc": ("kvmalloc", "kvfree"),
    "malloc": ("malloc", "realloc", "free"),
    "paging": ("map_mem", "translate", "create_pagedir", "destroy_pagedir", "switch_pagedir", "create_init_pagedir"),
}
CASES = [(lab, function) for lab, functions in FUNCTIONS.items() for function in functions]


def endless(text: str, function: str) -> str:
    """A solution's text, in which that function begins with a loop."""
    begins = rf"^((?:\[\[.*\]\] )?\w[\w *]*\b{function}\([^)]*\)\s*\{{)"
    made, times = re.subn(begins, r"\1 for (;;) {} ", text, flags=re.MULTILINE)
    assert times == 1, function
    return made


def test_who_clears_the_largest_state_byte_by_byte_comes_back(toolchain: build.Toolchain, tmp_path: Path) -> None:
    """Of one allocator, and of hundreds at a time: buddy.h allows 16 bytes a unit and 4096, and time for each unit."""
    lab = labs.find("buddy")
    text = (ROOT / "solutions" / "mm" / "buddy.cpp").read_text(encoding="utf-8")
    size = "size_t buddy_state_size(size_t units)\n{\n"
    made = "    *b = {units, state};\n"
    assert text.count(size) == text.count(made) == 1
    clear = "    for (size_t i = 0; i < 16 * units + 4096; i++)\n        static_cast<char *>(state)[i] = 0;\n"
    (tmp_path / "buddy.cpp").write_text(text.replace(size, f"{size}    return 16 * units + 4096;\n").replace(made, clear + made),
                                        encoding="utf-8")
    outcomes = StageGrading(stage.alone(lab), tmp_path, toolchain, PUBLIC_SEED).outcomes()
    assert {name: outcome.finding for name, outcome in outcomes.items() if outcome.finding} == {}


@pytest.mark.parametrize(("slug", "function"), sampled(CASES, lambda case: case[0]))
def test_a_function_that_never_comes_back(slug: str, function: str, toolchain: build.Toolchain, tmp_path: Path) -> None:
    """All of a lab's tests together wait no longer than a boot may take; and each says in whose file."""
    lab = labs.find(slug)
    text = (ROOT / "solutions" / "mm" / lab.files[0]).read_text(encoding="utf-8")
    (tmp_path / lab.files[0]).write_text(endless(text, function), encoding="utf-8")
    outcomes = StageGrading(stage.alone(lab), tmp_path, toolchain, PUBLIC_SEED).outcomes()
    hangs = [outcome for outcome in outcomes.values() if outcome.finding]
    assert hangs and {outcome.finding.verdict for outcome in hangs} == {Verdict.HANG}
    assert {outcome.places[0].file for outcome in hangs} == {f"kernel/mm/{lab.files[0]}"}
    assert sum(int(re.search(r"within (\d+) instructions", outcome.finding.seen)[1]) for outcome in hangs) < BUDGET
