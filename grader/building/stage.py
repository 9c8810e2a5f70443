"""An image for a person who asked for one: what can't be built is said in a sentence."""

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
    """An image, and the student's files in it by their names."""

    image: Path
    sources: dict[str, Path]


def students(lab: Lab, name: str) -> list[Lab]:
    """The labs whose files are the student's, in the stage of that name (STAGE=) for a lab."""
    if name in ("", ALONE):
        return [lab]
    if name == INTEGRATED:
        return labs.all_labs()
    raise GraderError(f"STAGE={name}: expected `{INTEGRATED}` (all of the student's files), or "
                      "nothing (the lab's file, and the reference for the others)")


def image(toolchain: build.Toolchain, submission: Path, chosen: Sequence[Lab],
          layout: str = "") -> Stage:
    """The stage with the student's files of some labs, as far as they are there, and the reference
    for everything else: for a single lab, the one that it is graded on. Raises GraderError."""
    sources = {name: path for lab in chosen
               for name, path in handed_in.files(lab, submission).items()}
    if not sources:
        names = ", ".join(name for lab in chosen for name in lab.files)
        raise GraderError(f"{submission} has none of {names}")
    try:
        return Stage(build.image(toolchain, sources, layout=layout), sources)
    except gate.Rejected as error:
        raise GraderError(f"the submission is rejected: {error}") from error
    except build.BuildError as error:
        raise GraderError(f"the submission does not compile:\n{error}") from error
