"""A file of examples, the whole way: read, tried on a lab's designs, judged."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass, replace
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
    """Tries the examples in a file, which messages call `called`. Raises GraderError.

    Where the designs' code lies in memory follows from the file's content: what is written in it can't name the code
    that makes one design differ from another, to be looked at or written over.
    """
    content = written.read(file, called)
    examples = written.parse(lab, content, called)
    there = designs.of(lab, toolchain)
    with tempfile.TemporaryDirectory(prefix="marionette-") as images:  # nobody needs them again
        runs = tried.tried(lab, replace(toolchain, folder=Path(images)), examples, there, called,
                           hashlib.sha256(content).hexdigest())
    return Exercise(lab, content, there, judged.judged(lab, toolchain.kernel_base, examples, runs))
