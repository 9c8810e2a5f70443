"""Stages: whose files are in an image; and an image for a person who asked for one, where what can't be built is
said in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.building import build, gate, handed_in
from grader.course import labs
from grader.course.labs import Lab
from grader.errors import GraderError

ALONE, INTEGRATED = "alone", "integrated"


@dataclass(frozen=True)
class Stage:
    """The labs whose files are the student's; for the others there is the reference.

    A lab's own stage has that lab alone, the integrated stage all there are: in a kit with one lab the same one.
    """

    labs: tuple[Lab, ...]
    integrated: bool = False

    @property
    def name(self) -> str:
        """The lab's, or what the integrated stage is called."""
        return INTEGRATED if self.integrated else self.labs[0].slug


@dataclass(frozen=True)
class Built:
    """An image, and the student's files in it by their names."""

    image: Path
    sources: dict[str, Path]


def alone(lab: Lab) -> Stage:
    """The lab's own stage."""
    return Stage((lab,))


def together() -> Stage:
    """The integrated stage."""
    return Stage(tuple(labs.all_labs()), integrated=True)


def named(lab: Lab, name: str) -> Stage:
    """What STAGE= names, for a lab. Raises GraderError."""
    if name in ("", ALONE):
        return alone(lab)
    if name == INTEGRATED:
        return together()
    raise GraderError(f"STAGE={name}: expected `{INTEGRATED}` (all of the student's files), or "
                      "nothing (the lab's file, and the reference for the others)")


def image(toolchain: build.Toolchain, submission: Path, chosen: Sequence[Lab],
          layout: str = "") -> Built:
    """The stage with the student's files of some labs, as far as they are there, and the reference
    for everything else: for a single lab, the one that it is graded on. Raises GraderError."""
    sources = {name: path for lab in chosen
               for name, path in handed_in.files(lab, submission).items()}
    if not sources:
        names = ", ".join(name for lab in chosen for name in lab.files)
        raise GraderError(f"{submission} has none of {names}")
    try:
        return Built(build.image(toolchain, sources, layout=layout), sources)
    except gate.Rejected as error:
        raise GraderError(f"the submission is rejected: {error}") from error
    except build.BuildError as error:
        raise GraderError(f"the submission does not compile:\n{error}") from error
