"""A file of examples, the whole way: read, tried on a lab's designs, judged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.building.toolchain import Toolchain
from grader.course.labs import Lab
from grader.examples import designs, judged, tried, written
from grader.examples.designs import Designs
from grader.examples.judged import Judged


@dataclass(frozen=True)
class Exercise:
    """What a lab's examples were tried on, and what came of it."""

    lab: Lab
    content: bytes
    designs: Designs
    judged: Judged


def exercise(lab: Lab, toolchain: Toolchain, file: Path, called: str) -> Exercise:
    """Tries the examples in a file, which messages call `called`. Raises GraderError."""
    content = written.read(file, called)
    examples = written.parse(lab, content, called)
    there = designs.of(lab, toolchain)
    runs = tried.tried(lab, toolchain, examples, there, called)
    return Exercise(lab, content, there, judged.judged(lab, toolchain.kernel_base, examples, runs))
