"""The impostors of a lab, on which students' examples are tried: some of its mutants, as labs/*/impostors.toml has
them, and a hint for each."""

from __future__ import annotations

import os
import tempfile
import tomllib
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
    right, wrong = sources.alternatives(lab), chosen(lab)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        objects = list(pool.map(lambda each: _object(toolchain, lab, each), [*right, *(each for each, _ in wrong)]))
    return objects[:len(right)], list(zip(objects[len(right):], (hint for _, hint in wrong), strict=True))


def _object(toolchain: Toolchain, lab: Lab, candidate: Candidate) -> Path:
    with tempfile.TemporaryDirectory(prefix="marionette-") as folder:
        source = Path(folder) / lab.files[0]
        source.write_text(candidate.text, encoding="utf-8")
        return build.compile_file(toolchain, lab.files[0], source)
