"""What the known mistakes of a lab answered, as it is kept: a file a lab in Make's build folder."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.course.labs import ROOT, Lab
from grader.diagnosis import answers
from grader.diagnosis.answers import Expected, Symptoms
from grader.errors import GraderError
from grader.grading import play
from grader.grading import workloads
from grader.grading.stage_grading import PUBLIC_SEED
from grader.judging import judge


@dataclass(frozen=True)
class Misconception:
    """What stands behind some mistakes: what would be right, in `words`, and the handout's `section` about it."""

    words: str
    section: str


@dataclass(frozen=True)
class Known:
    """A known mistake: what is wrong in words, what it shows in each test, and a digest of what it was played from."""

    name: str
    words: str
    behind: Misconception
    symptoms: Mapping[str, Symptoms]
    digest: str = ""


@dataclass(frozen=True)
class Table:
    """A lab's: what is `right`, and the `known` mistakes. `version` says of which lab, and of which solutions."""

    lab: str
    version: str
    right: Expected
    known: list[Known] = field(default_factory=list)


def version(lab: Lab) -> str:
    """Stands for all that symptoms depend on beside a solution: what is played, the player, the oracle."""
    whole = hashlib.sha256()
    for path in sorted([*lab.folder.glob("*.py"), *(ROOT / "kernel" / "player").glob("*"), lab.folder / "player.cpp",
                        *map(Path, (answers.__file__, play.__file__, judge.__file__))]):
        whole.update(path.read_bytes())
    for function in lab.graded_tests.values():
        for scenario in workloads.of_test(lab, function, PUBLIC_SEED).scenarios:
            whole.update(repr(scenario.content).encode())
    return whole.hexdigest()[:16]


def path_of(build: Path, slug: str) -> Path:
    """Where a lab's table is kept."""
    return build / "diagnosis" / f"{slug}.json.gz"


def load(build: Path, lab: Lab) -> Table | None:
    """The lab's table; None where there is none, or only one of another version of the lab."""
    try:
        content = json.loads(gzip.decompress(path_of(build, lab.slug).read_bytes()))
        if content["version"] != version(lab):
            return None
        return Table(lab.slug, content["version"], content["right"], [_known(entry) for entry in content["known"]])
    except (OSError, EOFError, ValueError, KeyError, TypeError):
        return None


def save(build: Path, table: Table) -> Path:
    """Keeps a table, whole or not at all. Raises GraderError."""
    path = path_of(build, table.lab)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_bytes(gzip.compress(_content(table), mtime=0))
        new.replace(path)
    except OSError as error:
        raise GraderError(f"can't write {path}: {error.strerror}") from error
    return path


def digest_of_all(build: Path, labs: Sequence[Lab]) -> str:
    """Another one where a diagnosis could be another one; empty where there is no table."""
    whole = hashlib.sha256()
    paths = [path for lab in labs if (path := path_of(build, lab.slug)).is_file()]
    for path in paths:
        whole.update(path.read_bytes())
    return whole.hexdigest()[:16] if paths else ""


def _content(table: Table) -> bytes:
    known = [{"name": one.name, "words": one.words, "digest": one.digest,
              "behind": [one.behind.words, one.behind.section],
              "symptoms": {test: [wrong.fails, wrong.found, sorted(wrong.where), sorted(wrong.what)]
                           for test, wrong in one.symptoms.items()}} for one in table.known]
    return json.dumps({"lab": table.lab, "version": table.version, "right": table.right, "known": known},
                      separators=(",", ":")).encode()


def _known(entry: dict) -> Known:
    symptoms = {test: Symptoms(fails, {int(i): tuple(one) for i, one in found.items()}, frozenset(where), frozenset(what))
                for test, (fails, found, where, what) in entry["symptoms"].items()}
    return Known(entry["name"], entry["words"], Misconception(*entry["behind"]), symptoms, entry["digest"])
