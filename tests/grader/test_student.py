"""What students have at hand: an archive to hand in, grading on each save."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT

from grader.building import build
from grader.course import labs
from grader.errors import GraderError
from grader.student import editor, submit, watch

SOLUTIONS = ROOT / "solutions"


def test_an_archive_is_the_same_whenever_it_is_made(toolchain: build.Toolchain,
                                                    tmp_path: Path) -> None:
    made = [submit.pack(tmp_path / name, SOLUTIONS, labs.all_labs(), toolchain)
            for name in ("one.zip", "two.zip")]
    assert made[0].digest == made[1].digest
    assert made[0].digest == hashlib.sha256((tmp_path / "one.zip").read_bytes()).hexdigest()
    assert not made[0].refused and not made[0].untouched
    with zipfile.ZipFile(tmp_path / "one.zip") as file:
        assert sorted(file.namelist()) == sorted([
            *(f"kernel/mm/{lab.files[0]}" for lab in labs.all_labs()),
            *(f"examples/{lab.examples}" for lab in labs.all_labs())])
        assert file.read("kernel/mm/buddy.cpp") == (SOLUTIONS / "mm/buddy.cpp").read_bytes()


def test_what_was_packed_can_be_graded(marionette: Callable, toolchain: build.Toolchain,
                                       tmp_path: Path) -> None:
    submit.pack(tmp_path / "s.zip", SOLUTIONS, [labs.find("buddy")], toolchain)
    with zipfile.ZipFile(tmp_path / "s.zip") as file:
        file.extractall(tmp_path / "unpacked")
    done = marionette("grade", "--lab", "buddy", "--submission", str(tmp_path / "unpacked"),
                      "--out", str(tmp_path / "out"))
    assert "Score: 100/100" in done.stdout


def test_a_file_that_would_be_worth_nothing_is_named(marionette: Callable,
                                                     submission: Callable, tmp_path: Path) -> None:
    folder = submission("this is no C++")
    done = marionette("submit", "--submission", str(folder), "--out", str(tmp_path / "s.zip"))
    assert done.returncode == 1
    assert "buddy.cpp would be worth nothing as it is:" in done.stdout
    assert (tmp_path / "s.zip").exists()


def test_of_what_the_compiler_said_the_first_error_is_told_whole() -> None:
    said = ("b.cpp: In function 'void f()':\nb.cpp:1:5: warning: unused\n    1 | int x;\n      |     ^\n"
            "b.cpp:2:3: error: no match\n    2 | f(1);\n      | ~^~~\nb.cpp:2:1: note: candidate\n"
            "b.cpp:3:1: error: another\n    3 | }\n")
    assert submit.first_error(said) == ("b.cpp:2:3: error: no match\n    2 | f(1);\n      | ~^~~\n"
                                        "b.cpp:2:1: note: candidate")
    assert submit.first_error("ld: undefined reference") == "ld: undefined reference"


def test_a_stub_is_told_from_a_solution(toolchain: build.Toolchain, tmp_path: Path) -> None:
    packed = submit.pack(tmp_path / "s.zip", ROOT / "kernel" / "mm", labs.all_labs(), toolchain)
    assert sorted(packed.untouched) == packed.names


def test_a_lab_goes_by_its_number_too(marionette: Callable) -> None:
    said = [marionette("hint", "--lab", name).stdout for name in ("buddy", "1", "1-buddy")]
    assert said[0].startswith("Hint 1 of") and said[0] == said[1] == said[2]
    every = marionette("hint").stdout
    assert [line for line in every.splitlines() if "make hint LAB=paging N=1" in line]


def test_a_link_is_not_packed(toolchain: build.Toolchain, tmp_path: Path) -> None:
    (tmp_path / "buddy.cpp").symlink_to("/etc/passwd")
    with pytest.raises(GraderError, match="is a link"):
        submit.pack(tmp_path / "s.zip", tmp_path, [labs.find("buddy")], toolchain)


class _Enough(Exception):
    """Ends a watch, as Ctrl-C does."""


@pytest.mark.parametrize("save", ["write", "rename"])
def test_a_save_grades_again_and_other_files_do_not(tmp_path: Path, save: str) -> None:
    """An editor writes a file in place, or writes another and renames it."""
    seen = []  # whether the file had been saved, each time that it was graded

    def act() -> None:
        seen.append((tmp_path / "buddy.cpp").exists())
        if len(seen) == 2:
            raise _Enough
        (tmp_path / "notes.txt").write_text("not this one")
        threading.Timer(0.2, change).start()

    def change() -> None:
        if save == "write":
            (tmp_path / "buddy.cpp").write_text("saved")
        else:
            (tmp_path / "buddy.cpp~").write_text("saved")
            (tmp_path / "buddy.cpp~").rename(tmp_path / "buddy.cpp")

    with pytest.raises(_Enough):
        watch.watch(tmp_path, ["buddy.cpp"], act)
    assert seen == [False, True]


def test_editors_are_told_how_each_file_is_compiled(toolchain: build.Toolchain,
                                                    tmp_path: Path) -> None:
    shutil.copytree(ROOT / "kernel", tmp_path / "kernel")
    entries = json.loads(editor.write(toolchain, tmp_path).read_text())
    stub = next(entry for entry in entries if entry["file"] == "kernel/mm/buddy.cpp")
    assert stub["arguments"] == [*toolchain.compile, "-c", "kernel/mm/buddy.cpp"]
    assert {entry["directory"] for entry in entries} == {str(tmp_path)}
