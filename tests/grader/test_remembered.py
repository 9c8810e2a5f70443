"""What was graded before is not played again as long as nothing has changed, and is never told of anything else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import mutant_text

from grader.building import build, stage
from grader.course import labs, secret
from grader.grading.compiled import Compiled
from grader.grading.outcome import Outcome
from grader.grading.stage_grading import PUBLIC_SEED, StageGrading
from grader.reporting import explain


@pytest.fixture
def kit(toolchain: build.Toolchain, tmp_path: Path) -> build.Toolchain:
    """A build folder in which nothing was graded."""
    return replace(toolchain, folder=tmp_path / "build")


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    """A buddy allocator that does not join blocks."""
    folder = tmp_path / "handed-in"
    folder.mkdir()
    (folder / "buddy.cpp").write_text(mutant_text("buddy", "no_coalescing"), encoding="utf-8")
    return folder


def graded(kit: build.Toolchain, folder: Path, seed: str = PUBLIC_SEED) -> tuple[StageGrading, dict[str, Outcome]]:
    grading = StageGrading(stage.alone(labs.find("buddy")), folder, kit, seed, rounds=2, remembers=True)
    return grading, grading.outcomes()


def told(outcomes: dict[str, Outcome]) -> list[tuple]:
    return [(test, outcome.finding and explain.message(outcome.finding, outcome.places, [], {}), outcome.run,
             outcome.failing, outcome.played) for test, outcome in outcomes.items()]


def test_the_same_again_is_told_without_playing(kit: build.Toolchain, handed_in: Path) -> None:
    first, played = graded(kit, handed_in)
    again, known = graded(kit, handed_in)
    assert (first.recalled, again.recalled) == (False, True)
    assert any(outcome.finding for outcome in known.values())
    assert told(known) == told(played)

    def knows(grading: StageGrading, **changed: object) -> bool:
        other = replace(grading, remembers=True, **changed)
        other._make()
        place = other._remembered()
        return bool(place and place.recall())

    assert knows(again)
    assert not knows(again, seed="2")
    assert not knows(again, seed=secret.seed("", _secret(kit.folder), "s1", "1"))
    assert not knows(again, boot=lambda *given, **options: None)
    assert not knows(again, searches=True)
    assert not knows(again, toolchain=replace(kit, compiler="another"))
    (handed_in / "buddy.cpp").write_text(mutant_text("buddy", "walks_linearly"), encoding="utf-8")
    assert not knows(again, made=Compiled())
    place = again._remembered()
    place.file.write_bytes(place.file.read_bytes()[:-1])
    assert place.recall() is None, "a file that was cut short says nothing"


def _secret(folder: Path) -> Path:
    path = folder / "secret"
    path.write_text("0123456789" * 5, encoding="ascii")
    return path
