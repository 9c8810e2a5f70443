"""Who edits a header is told so: the course grades with its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import ROOT

from grader.kit import manifest
from grader.student import changed

OWN, HEADER, GONE = "kernel/mm/buddy.cpp", "kernel/mm/buddy.h", "labs/1-buddy/oracle.py"


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    for name in (OWN, HEADER, GONE, "labs/1-buddy/lab.toml", "README.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    manifest.write(tmp_path)
    return tmp_path


def test_a_kit_as_it_was_cut_is_no_matter(kit: Path) -> None:
    for name in (OWN, "README.md"):
        (kit / name).write_text("mine")
    (kit / "kernel/mm/notes.txt").write_text("mine")
    (kit / HEADER).write_bytes((kit / HEADER).read_bytes().replace(b"\n", b"\r\n"))  # an editor's, or another system's
    assert changed.remark(kit) == ""


def test_what_was_changed_or_is_gone_is_named(kit: Path) -> None:
    (kit / HEADER).write_text("struct buddy { int more; };")
    (kit / GONE).unlink()
    assert changed.remark(kit).startswith(f"Not as the kit has it: {HEADER}, {GONE}. What counts is graded with the course's")


def test_a_header_of_ones_own_is_named(kit: Path) -> None:
    """It is found where the kit's lie, and by nobody else: 100 points here, none in the course."""
    for name in ("kernel/mm/list.h", "kernel/mm/more/helpers.cpp"):
        (kit / name).parent.mkdir(exist_ok=True)
        (kit / name).write_text("mine")
    assert changed.remark(kit).startswith(
        "Not the kit's, and not handed in: kernel/mm/list.h, kernel/mm/more/helpers.cpp. What counts is graded without")


def test_the_courses_own_tree_is_no_kit() -> None:
    assert changed.remark(ROOT) == ""
