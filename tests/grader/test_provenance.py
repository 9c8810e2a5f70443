"""What results.json says about where it comes from: enough to grade again, the same whenever asked."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from conftest import ROOT
from grader.building.toolchain import Toolchain
from grader.course import labs
from grader.reporting import provenance

SCHEMA = json.loads((ROOT / "docs" / "results.schema.json").read_text())
ONLY_WHEN_ASKED_FOR = {"search", "examples", "diagnosis"}  # SEARCH=1, DIAGNOSIS=1


def documented() -> dict:
    """The example of docs/results.md."""
    text = (ROOT / "docs" / "results.md").read_text()
    begin = text.index("    {\n")
    return json.loads(text[begin:text.index("\n\n", begin)])


def git(folder: Path, *arguments: str) -> str:
    """Runs git as nobody in particular."""
    return subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.org",
                           *arguments], cwd=folder, check=True, capture_output=True,
                          text=True).stdout.strip()


@pytest.fixture
def little_kit(tmp_path: Path) -> Path:
    """A kit with one lab and one other file, in a repository of its own."""
    kit = tmp_path / "kit"
    for name in ("labs/1-buddy/lab.toml", "kernel/mm/buddy.cpp", "kernel/mm/buddy.h"):
        (kit / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, kit / name)
    git(kit, "init", "-q")
    git(kit, "add", "-A")
    git(kit, "commit", "-qm", "kit")
    return kit


# ---- the kit ----

def test_a_clean_kit_is_its_commit(little_kit: Path) -> None:
    assert provenance.kit(little_kit) == {"commit": git(little_kit, "rev-parse", "HEAD"),
                                          "dirty": False}


@pytest.mark.parametrize(("name", "dirty"), [
    ("kernel/mm/buddy.cpp", False),  # the student's own
    ("kernel/mm/buddy.h", True),
    ("labs/1-buddy/lab.toml", True),
    ("labs/2-new/lab.toml.new", True),  # a file that git does not know
])
def test_a_kit_is_dirty_when_a_file_of_its_own_differs(little_kit: Path, name: str,
                                                       dirty: bool) -> None:
    (little_kit / name).parent.mkdir(exist_ok=True)
    with (little_kit / name).open("a") as file:
        file.write("\n# changed\n")
    assert provenance.kit(little_kit)["dirty"] is dirty


def test_a_version_file_wins_over_the_students_repository(little_kit: Path) -> None:
    (little_kit / "VERSION").write_text("0123abc kit of spring\n")
    assert provenance.kit(little_kit) == {"commit": "0123abc", "dirty": None}


def test_another_repository_around_the_kit_is_not_the_kits(little_kit: Path) -> None:
    (little_kit / "kernel" / "labs").mkdir()
    assert provenance.kit(little_kit / "kernel") == {"commit": None, "dirty": None}


def test_without_git_nothing_is_known(little_kit: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert provenance.kit(little_kit) == {"commit": None, "dirty": None}


# ---- the submission ----

def test_the_hash_is_that_of_the_graded_files_alone(tmp_path: Path) -> None:
    chosen = [labs.find("buddy")]
    (tmp_path / "buddy.cpp").write_text("one")
    before = provenance.submission(chosen, tmp_path)
    (tmp_path / "notes.txt").write_text("not graded")
    (tmp_path / "malloc.cpp").write_text("another lab's")
    assert provenance.submission(chosen, tmp_path) == before
    (tmp_path / "buddy.cpp").write_text("two")
    assert provenance.submission(chosen, tmp_path)["hash"] != before["hash"]


def test_the_same_files_in_another_place_have_the_same_hash(tmp_path: Path) -> None:
    (tmp_path / "kernel" / "mm").mkdir(parents=True)
    for lab in labs.all_labs():
        for name in lab.files:
            shutil.copy(ROOT / "solutions" / "mm" / name, tmp_path / "kernel" / "mm")
    assert (provenance.submission(labs.all_labs(), tmp_path)
            == provenance.submission(labs.all_labs(), ROOT / "solutions"))


def test_a_file_that_is_not_read_has_no_digest(tmp_path: Path) -> None:
    (tmp_path / "buddy.cpp").symlink_to("/etc/passwd")
    found = provenance.submission([labs.find("buddy")], tmp_path)
    assert found["files"] == {"buddy.cpp": None}


# ---- the tools ----

def test_every_tool_says_its_version(toolchain: Toolchain) -> None:
    for name, version in provenance.tools(toolchain).items():
        assert version and version[0].isdigit(), name


def test_a_tool_that_is_not_there_has_no_version(toolchain: Toolchain,
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    assert provenance.tools(toolchain)["qemu"] is None


# ---- results.json ----

def test_results_keep_to_their_schema(grade: Callable) -> None:
    results = grade(ROOT / "kernel" / "mm").results
    jsonschema.Draft202012Validator(SCHEMA).validate(results)
    assert results.keys() | ONLY_WHEN_ASKED_FOR == SCHEMA["properties"].keys()
    assert results["submission"]["files"].keys() == {"buddy.cpp"}
    assert results["weights"] == {"buddy": 100, "integrated": 0}
    assert results["kernel_base"] == "0xC0000000"


def test_the_schema_is_one_and_the_documents_example_keeps_to_it() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(documented(), SCHEMA)
    assert documented().keys() | ONLY_WHEN_ASKED_FOR == SCHEMA["properties"].keys()


@pytest.mark.parametrize("damage", [
    lambda r: r.pop("kit"),
    lambda r: r.update(score="92"),
    lambda r: r["labs"][0]["tests"][0].update(verdict="perfect"),
    lambda r: r["labs"][0]["tests"][0].update(verdict="infra"),  # with a score
    lambda r: r["labs"][0]["tests"][0].update(score=None),  # without infra
    lambda r: r["submission"].update(hash="sha256:0"),
])
def test_the_schema_sees_what_is_wrong(damage: Callable[[dict], object]) -> None:
    results = documented()
    jsonschema.validate(results, SCHEMA)
    damage(results)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(results, SCHEMA)
