"""A file of examples, the whole way: read, tried on a lab's designs, judged."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from grader.building.toolchain import Toolchain
from grader.course.labs import Lab
from grader.examples import designs, judged, tried, written
from grader.examples.designs import Designs
from grader.examples.judged import Judged
from grader.examples.written import Example


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
    layout = _layout(lab, content, examples)
    with _linking(toolchain, layout) as linking:
        runs = tried.tried(lab, linking, examples, there, called, layout)
    return Exercise(lab, content, there, judged.judged(lab, toolchain.kernel_base, examples, runs))


def _layout(lab: Lab, content: bytes, examples: Sequence[Example]) -> str:
    """Where the designs' code is to lie in memory: where it always does, unless examples look at memory. Then it follows
    from the file's content, so that what is written in it can't name the code that makes one design differ from another."""
    looked_at = any(operation.verb in lab.touches for each in examples for operation in each.scenario.operations)
    return hashlib.sha256(content).hexdigest() if looked_at else ""


@contextmanager
def _linking(toolchain: Toolchain, layout: str) -> Iterator[Toolchain]:
    """The toolchain; for a layout that nobody needs again with a folder that is gone afterwards."""
    if not layout:
        yield toolchain
        return
    with tempfile.TemporaryDirectory(prefix="marionette-") as folder:
        yield replace(toolchain, folder=Path(folder))
