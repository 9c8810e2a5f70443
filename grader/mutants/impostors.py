"""The impostors of a lab, on which students' examples are tried: some of its mutants, as labs/*/impostors.toml has
them, and a hint for each."""

from __future__ import annotations

import os
import tempfile
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from grader.building import build
from grader.building.toolchain import Toolchain
from grader.course.labs import Lab
from grader.errors import GraderError
from grader.mutants import sources
from grader.mutants.sources import Candidate


def chosen(lab: Lab) -> list[tuple[Candidate, str]]:
    """The lab's impostors and their hints; none if it has no such file. Raises GraderError."""
    path = lab.impostors
    if not path.exists():
        return []
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["impostor"]
        return [(sources.find(lab, entry["mutant"]), entry["hint"]) for entry in entries]
    except StopIteration:
        raise GraderError(f"{path}: names a mutant that grader/mutants/{lab.slug}/ does not have") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GraderError(f"{path}: each [[impostor]] has a `mutant` and a `hint`: {error}") from error


def compiled(toolchain: Toolchain, lab: Lab) -> tuple[list[Path], list[tuple[Path, str]]]:
    """Objects of the right designs of a lab, and of its impostors, with their hints."""
    wrong = chosen(lab)
    objects = _objects(toolchain, lab, [each for each, _ in wrong])
    return right(toolchain, lab), list(zip(objects, (hint for _, hint in wrong), strict=True))


def right(toolchain: Toolchain, lab: Lab) -> list[Path]:
    """Objects of a lab's right designs."""
    return _objects(toolchain, lab, sources.alternatives(lab))


def _objects(toolchain: Toolchain, lab: Lab, candidates: Sequence[Candidate]) -> list[Path]:
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda each: _object(toolchain, lab, each), candidates))


def _object(toolchain: Toolchain, lab: Lab, candidate: Candidate) -> Path:
    with tempfile.TemporaryDirectory(prefix="marionette-") as folder:
        source = Path(folder) / lab.files[0]
        source.write_text(candidate.text, encoding="utf-8")
        return build.compile_file(toolchain, lab.files[0], source)
