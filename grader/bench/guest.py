"""Counting in the guest, by its own instruction counter: the kit, linked with bench/'s players, plays
workloads that are no lab's, and that no scenario would have room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from grader.building import build
from grader.course.labs import ROOT
from grader.emulators import qemu
from grader.errors import Infrastructure
from grader.evidence.records import Record
from grader.grading.play import Player
from grader.scenarios import scenario

PLAYERS = ("buddy_player.cpp", "malloc_player.cpp")
MEMORY = 128  # MiB
LIMIT = 10_000_000_000  # instructions for one operation, of which one prepares, or plays, a workload


def solution(lab: str, name: str) -> Path:
    """The reference's file for a lab, or that of one of the alternatives."""
    folder = ROOT / "solutions"
    return folder / "mm" / f"{lab}.cpp" if name == "reference" else \
        folder / "alternatives" / lab / f"{name}.cpp"


def image(toolchain: build.Toolchain, sources: dict[str, Path], *flags: str) -> Path:
    """A stage with bench/'s players beside the labs'; `sources` are compiled with `flags`, too. Raises
    Infrastructure where that can't be done: all of it is the kit's own."""
    try:
        players = [str(build.own_object(toolchain, ROOT / "bench" / name)) for name in PLAYERS]
        ours = replace(toolchain, kit=(*toolchain.kit, *players), compile=(*toolchain.compile, *flags))
        return build.image(ours, sources, gated=False)
    except build.BuildError as error:
        raise Infrastructure(f"{toolchain.compiler} can't build what the bench plays:\n{error}") from error


def play(image: Path, lab: str, operations: Sequence[str], data: bytes = b"") -> dict[str, Record]:
    """What came of some operations, by their verbs, in a boot that has `data` as a second module.
    Raises Infrastructure where one did not come to its end."""
    player = Player(image, memory=MEMORY, boot=partial(qemu.boot, data=data))
    played = player.play_alone(scenario.Scenario(lab, "bench", scenario.operations("\n".join(operations)),
                                                 measure=True, limit=LIMIT), trace=False, watched=False)
    found = {record.verb: record for record in played.run.records} if played.run else {}
    wrong = [f"{record.text}: {record.outcome}" for record in found.values()
             if record.refused or record.panicked]
    if not played.finished or wrong or len(found) != len(operations):
        stops = [f"{stop.kind} {stop.message}" for stop in played.run.stops] if played.run else []
        raise Infrastructure(f"{lab}, {' ; '.join(operations)}: {'; '.join(wrong + stops) or played.ending}")
    return found
