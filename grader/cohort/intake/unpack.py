"""Taking the labs' files out of an archive: a program of its own, for it runs in a box.

Nothing is unpacked but plain files that bear a lab file's name, and those not under the archive's names.
"""

from __future__ import annotations

import json
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from grader.building import gate, places
from grader.cohort.intake.files import Odd

MOST_MEMBERS = 20_000
MOST_BYTES = 256 << 20  # unpacked, all of it
MOST_LETTERS = 4 << 20  # of all its paths: one may have megabytes
MOST_NAMESAKES = 32  # files with a lab file's name, wherever they lie


class Refused(Exception):
    """Nothing can be taken from the archive; the text says why."""


@dataclass(frozen=True)
class Member:
    """One entry of an archive: `kind` is None for a plain file, which `read` gives, one byte more
    than it may have if it has more."""

    path: str
    size: int
    kind: Odd | None
    is_folder: bool
    read: Callable[[], bytes]


@dataclass
class Read:
    """What is in an archive: all paths, the links among them, and what bears the labs' names by path."""

    paths: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    files: dict[str, bytes | Odd] = field(default_factory=dict)


def take(archive: Path, names: Sequence[str]) -> tuple[dict[str, bytes | Odd], list[str]]:
    """The files of these names, and what looks like one of them and was not taken. Raises Refused: whatever Python's
    modules come to, they came to it by the archive."""
    try:
        with archive.open("rb") as file:
            is_zip = file.read(2) == b"PK"
        return _chosen(_read(_zip(archive) if is_zip else _tar(archive), names), names)
    except (Refused, MemoryError):
        raise
    except Exception as error:
        raise Refused("it is damaged, or no zip or tar archive") from error


def _tar(archive: Path) -> Iterator[Member]:
    with tarfile.open(archive, "r|*") as tar:
        for info in tar:
            kind = None if info.isreg() else Odd.LINK if info.issym() or info.islnk() else Odd.SPECIAL
            yield Member(info.name, info.size, kind, info.isdir(),
                         lambda info=info: tar.extractfile(info).read(gate.MAX_SOURCE + 1))


def _zip(archive: Path) -> Iterator[Member]:
    with zipfile.ZipFile(archive) as file:
        for info in file.infolist():
            mode = info.external_attr >> 16 if info.create_system == 3 else 0
            kind = {0o120000: Odd.LINK, 0: None, 0o100000: None}.get(mode & 0o170000, Odd.SPECIAL)

            def read(info: zipfile.ZipInfo = info) -> bytes:
                with file.open(info) as content:
                    return content.read(gate.MAX_SOURCE + 1)
            yield Member(info.filename.replace("\\", "/"), info.file_size, kind, info.is_dir(), read)


def _read(members: Iterator[Member], names: Sequence[str]) -> Read:
    """All that matters. Raises Refused at the first member that is hostile."""
    found, total, letters = Read(), 0, 0
    for count, member in enumerate(members, 1):
        if member.size < 0:  # which a tar's head can say; it would make room for what comes after it
            raise Refused("it is damaged: a file in it has less than no bytes")
        if not member.path:  # older versions of zipfile take its last letter
            raise Refused("it is damaged: a file in it has no name")
        total, letters = total + member.size, letters + len(member.path)
        if count > MOST_MEMBERS or total > MOST_BYTES or letters > MOST_LETTERS:
            raise Refused(f"it is too large: at most {MOST_MEMBERS} files, {MOST_LETTERS >> 20} MiB of names and "
                          f"{MOST_BYTES >> 20} MiB unpacked are looked at")
        path = str(PurePosixPath(member.path))
        found.paths.add(path + "/" if member.is_folder else path)
        if member.kind is Odd.LINK:
            found.links.add(path)
        if PurePosixPath(path).name in names and not member.is_folder:
            _check(path, found.files)
            found.files[path] = member.kind or _content(member)
    return found


def _check(path: str, files: dict) -> None:
    shown = ascii(path)[1:-1]
    if path.startswith("/") or ".." in PurePosixPath(path).parts:
        raise Refused(f"{shown}: a path inside the archive was expected")
    if path in files:
        raise Refused(f"{shown} is in it twice: which one counts?")
    if len(files) >= MOST_NAMESAKES:
        raise Refused(f"{PurePosixPath(path).name} and the like are in it {MOST_NAMESAKES} times: "
                      "which one counts?")


def _content(member: Member) -> bytes | Odd:
    """A member's, or that it is too large. Raises Refused, in words of ours: Python's are for programmers."""
    if member.size > gate.MAX_SOURCE:
        return Odd.LARGE
    shown = ascii(member.path)[1:-1]
    try:
        content = member.read()
    except NotImplementedError as error:
        raise Refused(f"{shown} in it is packed in a way that can't be opened here: zip's own was expected") from error
    except RuntimeError as error:  # what zipfile raises for an encrypted member
        raise Refused(f"{shown} in it can't be opened without a password") from error
    except MemoryError:
        raise
    except Exception as error:
        raise Refused(f"{shown} in it is damaged") from error
    return content if len(content) <= gate.MAX_SOURCE else Odd.LARGE


def _chosen(read: Read, names: Sequence[str]) -> tuple[dict[str, bytes | Odd], list[str]]:
    paths, files = read.paths, read.files

    def folders(prefix: str) -> list[str]:
        start = prefix + "/" if prefix else ""
        below = {path[len(start):] for path in paths if path.startswith(start)}
        return sorted({path.partition("/")[0] for path in below if "/" in path})

    here = places.innermost(files.__contains__, folders, names)
    chosen = {}
    for name in names:
        candidates = (places.joined(here, place, name) for place in places.of(name))
        if path := next(filter(files.__contains__, candidates), None):
            chosen[name] = path
    taken = set(chosen.values())
    plain = (path for path in paths - read.links if not path.endswith("/"))
    return ({name: files[path] for name, path in chosen.items()},
            places.left(plain, taken, names) + [f"{path} (a link)" for path in sorted(read.links - taken)])


def main(archive: str, out: str, *names: str) -> None:
    """Takes `names` from an archive, plain files into the folder `out`; says in JSON what there was."""
    answer: dict = {"refusal": "", "odd": {}, "left": []}
    try:
        files, answer["left"] = take(Path(archive), names)
        for name, content in files.items():
            if isinstance(content, Odd):
                answer["odd"][name] = content.name
            else:
                (Path(out) / name).write_bytes(content)
    except Refused as error:
        answer["refusal"] = str(error)
    except (MemoryError, RecursionError):
        answer["refusal"] = "it takes too much memory to unpack"
    json.dump(answer, sys.stdout)
