"""What is uploaded to Gradescope, Autolab and PrairieLearn: complete, without solutions, and it grades."""

from __future__ import annotations

import json
import shutil
import subprocess
import uuid
import zipfile
from pathlib import Path

import format_rules as rules
import pytest
from conftest import ROOT

from grader.building import build, sandbox
from grader.course import course, labs
from grader.errors import GraderError
from grader.kit import leaks, package


@pytest.fixture(scope="module")
def gradescope(toolchain: build.Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip for Gradescope, for lab 1."""
    return package.make("gradescope", tmp_path_factory.mktemp("packages") / "gradescope", toolchain,
                        course.Course(integrated_weight=60), "buddy")


def test_gradescopes_zip_has_its_scripts_at_the_top(gradescope: Path) -> None:
    with zipfile.ZipFile(gradescope) as file:
        modes = {entry.filename: entry.external_attr >> 16 for entry in file.infolist()}
    assert {name for name in modes if "/" not in name} == {"setup.sh", "run_autograder"}
    for name in ("setup.sh", "run_autograder", "kit/setup.sh", "kit/grader/marionette"):
        assert modes[name] == 0o755
    assert not [name for name in modes if {"solutions", ".git", "mutants"} & set(name.split("/"))]


def test_run_autograder_leaves_the_results_where_they_are_read(gradescope: Path,
                                                               tmp_path: Path) -> None:
    """In a file system laid out as Gradescope's containers have it, in which the rest can't be written to.
    Inside, boxes may not work: then it says so, and grades all the same."""
    if sandbox.degraded():
        pytest.skip("needs bubblewrap, to lay out /autograder")
    for name in ("source", "submission", "results"):
        (tmp_path / name).mkdir()
    with zipfile.ZipFile(gradescope) as file:
        file.extractall(tmp_path / "source")
    for name in ("source/kit/setup.sh", "source/kit/grader/marionette", "source/run_autograder"):
        (tmp_path / name).chmod(0o755)
    shutil.copy(ROOT / "solutions/mm/buddy.cpp", tmp_path / "submission")
    done = subprocess.run(
        ["bwrap", "--ro-bind", "/usr", "/usr", "--ro-bind", "/etc", "/etc", "--symlink", "usr/bin",
         "/bin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--dev-bind",
         "/dev", "/dev", "--bind", "/proc", "/proc", "--tmpfs", "/tmp", "--bind", tmp_path,
         "/autograder", "--chdir", "/autograder", "/autograder/source/run_autograder"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr
    found = rules.check_gradescope((tmp_path / "results" / "results.json").read_text())
    assert found["score"] == 100, found["output"]


def test_autolab_grades_what_was_handed_in(toolchain: build.Toolchain, tmp_path: Path) -> None:
    made = package.make("autolab", tmp_path / "autolab", toolchain, course.Course(), "buddy")
    assert {path.name for path in made.iterdir()} == {"autograde-Makefile", "autograde.tar", "Containerfile",
                                                      "setup.sh", "packages.txt"}
    machine = tmp_path / "machine"
    machine.mkdir()
    shutil.copy(made / "autograde.tar", machine)
    shutil.copy(made / "autograde-Makefile", machine / "Makefile")
    with zipfile.ZipFile(machine / "submission.zip", "w") as file:
        file.write(ROOT / "solutions/mm/buddy.cpp", "kernel/mm/buddy.cpp")
        file.writestr("Makefile", "autograde:\n\t@echo forged\n")
    done = subprocess.run(["make", "-s"], cwd=machine, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr
    assert rules.check_autolab("".join(done.stdout.splitlines(keepends=True)[-2:])) == {"buddy": 100}
    assert [path.name for path in (machine / "handin").iterdir()] == ["buddy.cpp"]
    with zipfile.ZipFile(machine / "large.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.write(ROOT / "solutions/mm/buddy.cpp", "kernel/mm/buddy.cpp")
        file.writestr("beside.txt", bytes(300 << 20))
    for handed_in, why in (((machine / "large.zip").read_bytes(), "it is too large"),
                           (b"Rar!", "it is damaged, or no zip or tar archive")):
        (machine / "submission.zip").write_bytes(handed_in)
        shutil.rmtree(machine / "handin")
        done = subprocess.run(["make", "-s"], cwd=machine, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=900, check=False)
        assert f"submission.zip can't be unpacked: {why}" in done.stdout and "Traceback" not in done.stderr
        assert list((machine / "handin").iterdir()) == []
        assert rules.check_autolab("".join(done.stdout.splitlines(keepends=True)[-2:])) == {"buddy": 0}


def test_prairielearn_has_a_question_a_lab(toolchain: build.Toolchain, tmp_path: Path) -> None:
    made = package.make("prairielearn", tmp_path / "prairielearn", toolchain, course.Course(), "")
    assert (made / "kit" / "grader" / "marionette").exists() and (made / "kit" / "Containerfile").exists()
    uuids = set()
    for lab in labs.all_labs():
        folder = made / "questions" / f"marionette-{lab.slug}"
        info = json.loads((folder / "info.json").read_text())
        uuids.add(uuid.UUID(info["uuid"]))
        assert info["gradingMethod"] == "External"
        assert info["externalGradingOptions"]["entrypoint"].endswith(f"prairielearn --lab {lab.slug}")
        assert f'file-names="{",".join(lab.files)}"' in (folder / "question.html").read_text()
    assert len(uuids) == len(labs.all_labs())


def test_no_package_has_a_solution(gradescope: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(gradescope) as file:
        file.extractall(tmp_path)
    leaks.check(tmp_path)
    assert course.load(tmp_path / "kit" / "course.toml").integrated_weight == 60


def test_a_folder_that_is_there_is_not_replaced(toolchain: build.Toolchain, tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="is there already"):
        package.make("autolab", tmp_path, toolchain, course.Course(), "")


def test_an_unknown_platform_is_refused(toolchain: build.Toolchain, tmp_path: Path) -> None:
    with pytest.raises(GraderError, match="no package for 'moodle', only: gradescope, autolab"):
        package.make("moodle", tmp_path / "out", toolchain, course.Course(), "")
