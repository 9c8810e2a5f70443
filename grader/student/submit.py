"""`make submit`: an archive with what is handed in, after a look at whether it would be taken.

The same archive whenever it is made of the same files: its digest says what was handed in.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from grader.building import build, gate, handed_in, places
from grader.building.toolchain import Toolchain
from grader.course.labs import Lab
from grader.errors import GraderError

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip can hold


@dataclass
class Archive:
    """What was packed. `refused` maps a file's name to why it would be worth nothing as it is."""

    path: Path
    names: list[str] = field(default_factory=list)
    untouched: list[str] = field(default_factory=list)  # the stub is still in them
    refused: dict[str, str] = field(default_factory=dict)
    digest: str = ""


def pack(target: Path, submission: Path, chosen: Iterable[Lab], toolchain: Toolchain) -> Archive:
    """Writes the labs' files to a zip; one that does not compile is packed, and named.

    Raises GraderError where there is nothing to pack, or a file that can't be taken at all.
    """
    archive = Archive(target)
    content: dict[str, bytes] = {}
    for lab in chosen:
        for name, path in handed_in.files(lab, submission).items():
            content[name] = _read(path)
            if b"todo();" in content[name]:
                archive.untouched.append(name)
            if why := _refusal(toolchain, name, path):
                archive.refused[name] = why
        if examples := handed_in.examples(lab, submission):
            content[lab.examples] = _read(examples)
    if not content:
        raise GraderError(f"{submission} has nothing to hand in")
    archive.names = sorted(content)
    packed = _zipped(content)
    archive.digest = hashlib.sha256(packed).hexdigest()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(packed)
    except OSError as error:
        raise GraderError(f"can't write {target}: {error.strerror}") from error
    return archive


def _read(path: Path) -> bytes:
    try:
        return gate.read_source(path)
    except gate.Rejected as error:
        raise GraderError(f"this can't be handed in: {error}") from error


def _refusal(toolchain: Toolchain, name: str, path: Path) -> str:
    try:
        build.compile_file(toolchain, name, path)
    except gate.Rejected as error:
        return str(error)
    except build.BuildError as error:
        return first_error(str(error))
    return ""


def first_error(said: str) -> str:
    """What a compiler said of the first error, whole: from that line to the next complaint."""
    lines = said.splitlines()
    complaints = [i for i, line in enumerate(lines) if re.search(r":\d+: (\w+ )?(error|warning):", line)]
    first = next((i for i in complaints if "error:" in lines[i]), 0)
    end = next((i for i in complaints if i > first), len(lines))
    return "\n".join(lines[first:end])


def _zipped(content: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name in sorted(content):
            entry = zipfile.ZipInfo(f"{places.of(name)[0]}/{name}", _EPOCH)
            entry.external_attr = 0o644 << 16
            file.writestr(entry, content[name])
    return packed.getvalue()
