"""`make gdb`: GDB stands just before the operation that was asked for."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT, mutant_text

SCENARIO = """\
marionette-scenario 1
lab buddy
scenario rest
init 8
free 0 8
alloc 3 3
alloc 4 4
"""


@pytest.mark.skipif(not shutil.which("gdb"), reason="gdb is not installed")
def test_stands_in_the_students_function(build_folder: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "buddy.cpp").write_text(mutant_text("buddy", "forgets_the_rest"))
    (tmp_path / "rest.scenario").write_text(SCENARIO)
    done = subprocess.run(
        [ROOT / "grader" / "marionette", "gdb", "--build", build_folder, "--submission", mine,
         "--scenario", tmp_path / "rest.scenario", "--at", "4"], cwd=ROOT,
        input="info source\nprint min\nprint max\nkill\nquit\n", capture_output=True, text=True,
        timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert f"Located in {mine / 'buddy.cpp'}" in done.stdout
    assert "$1 = 4" in done.stdout
    assert "$2 = 4" in done.stdout
    stop = done.stdout[done.stdout.rindex("Temporary breakpoint"):]
    assert ", buddy_alloc (" in stop.splitlines()[0]
