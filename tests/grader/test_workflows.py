"""GitHub's workflows: well-formed, pinned, with no rights but to read, nothing from a pull request in a shell."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import workflow_rules as rules
from conftest import ROOT

STUDENTS = ROOT / "grader/kit/template/.github/workflows/grade.yml"
CHECKOUT = "actions/checkout@" + " # ".join(rules.PINNED["actions/checkout"])


@pytest.mark.parametrize("path", rules.all_workflows(ROOT), ids=lambda path: path.name)
def test_a_workflow_has_no_mistakes(path: Path) -> None:
    assert rules.mistakes(path.read_text(encoding="utf-8")) == []


def test_there_are_two() -> None:
    assert [path.name for path in rules.all_workflows(ROOT)] == ["ci.yml", "grade.yml"]


def test_the_students_runs_on_pull_requests_alone() -> None:
    assert rules.load(STUDENTS.read_text())["on"] == {"pull_request": ""}


@pytest.mark.parametrize("path", rules.all_workflows(ROOT), ids=lambda path: path.name)
def test_what_it_runs_is_there(path: Path) -> None:
    """Scripts, in the kit's own folder or in that where the students' workflow has the kit."""
    for command in rules.commands(rules.load(path.read_text())):
        for word in command.replace("&&", " ").split():
            if word.startswith(("./", "kit/", "tests/")):
                script = ROOT / word.removeprefix("kit/")
                assert os.access(script, os.X_OK), command


@pytest.mark.parametrize(("found", "instead", "said"), [
    ("  pull_request:", "  pull_request_target:", "'pull_request_target' was unexpected"),
    ("permissions: {}", "permissions: write-all", "is not of type 'object'"),
    ("permissions: {}", "permissions: {contents: read}", "permissions at the top"),
    ("contents: read", "contents: write", "'read' was expected"),
    ("contents: read", "pull-requests: read", "'pull-requests' was unexpected"),
    ("    permissions:\n      contents: read\n", "", "'permissions' is a required property"),
    ("    timeout-minutes: 15\n", "", "'timeout-minutes' is a required property"),
    ("timeout-minutes: 15", "timeout-minutes: 90", "timeout-minutes is above"),
    ("ubuntu-24.04", "self-hosted", "'self-hosted' is not one of"),
    ("ubuntu-24.04", "ubuntu-latest", "'ubuntu-latest' is not one of"),
    ("          persist-credentials: false\n", "", "leaves its token behind"),
    (CHECKOUT, "actions/checkout@v7", "not pinned"),
    (CHECKOUT, CHECKOUT.replace("v7.0.1", "v7.0.0"), "not pinned"),
    (CHECKOUT, "somebody/checkout@" + "0" * 40, "nobody has looked at"),
    ("run: kit/setup.sh", "run: echo ${{ github.event.pull_request.number }}", "in a command"),
    ("pull_request.head.sha }}", "pull_request.head.ref }}", "not known to be harmless"),
    ("REQUIRE: 0", "REQUIRE: ${{ secrets.KEY }}", "not known to be harmless"),
    ("run: kit/setup.sh", "run: kit/setup.sh\n        shell: python", "not valid under any"),
    ("name: grade\n", "name: grade\nname: grade\n", "a key twice"),
    ("jobs:\n", "jobs:\n  -\n", "no YAML"),
])
def test_a_mistake_is_found(found: str, instead: str, said: str) -> None:
    text = STUDENTS.read_text(encoding="utf-8")
    assert found in text
    assert any(said in mistake for mistake in rules.mistakes(text.replace(found, instead, 1)))
