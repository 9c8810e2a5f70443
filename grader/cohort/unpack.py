"""Taking the labs' files out of an archive: a program of its own, for it runs in a box.

Nothing is unpacked but plain files that bear a lab file's name, and those not under the archive's names.
"""

from __future__ import annotations

import json
import lzma
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from grader.building import gate, places
from grader.cohort.files import Odd

MOST_MEMBERS = 20_000
MOST_BYTES = 256 << 20  # unpacked, all of it
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


def take(archive: Path, names: Sequence[str]) -> dict[str, bytes | Odd]:
    """The files of these names, from the first of their places. Raises Refused."""
    try:
        with archive.open("rb") as file:
            is_zip = file.read(2) == b"PK"
        return _chosen(*_read(_zip(archive) if is_zip else _tar(archive), names), names)
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError,
            ValueError, OverflowError) as error:
        raise Refused(f"it is damaged, or no zip or tar archive: {error}") from error
    except (RuntimeError, NotImplementedError) as error:  # encrypted; an unknown compression
        raise Refused(f"it can't be unpacked: {error}") from error


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


def _read(members: Iterator[Member], names: Sequence[str]
          ) -> tuple[set[str], dict[str, bytes | Odd]]:
    """All paths, and what bears the labs' names by path. Raises Refused at the first that is hostile."""
    paths, files, total = set(), {}, 0
    for count, member in enumerate(members, 1):
        total += member.size
        if count > MOST_MEMBERS or total > MOST_BYTES:
            raise Refused(f"it is too large: at most {MOST_MEMBERS} files and {MOST_BYTES >> 20} MiB "
                          "unpacked are looked at")
        path = str(PurePosixPath(member.path))
        paths.add(path + "/" if member.is_folder else path)
        if PurePosixPath(path).name in names and not member.is_folder:
            _check(path, files)
            files[path] = member.kind or _content(member)
    return paths, files


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
    if member.size > gate.MAX_SOURCE:
        return Odd.LARGE
    content = member.read()
    return content if len(content) <= gate.MAX_SOURCE else Odd.LARGE


def _chosen(paths: set[str], files: dict[str, bytes | Odd], names: Sequence[str]
            ) -> dict[str, bytes | Odd]:
    def folders(prefix: str) -> list[str]:
        start = prefix + "/" if prefix else ""
        below = {path[len(start):] for path in paths if path.startswith(start)}
        return sorted({path.partition("/")[0] for path in below if "/" in path})

    here = places.innermost(files.__contains__, folders, names)
    found = {}
    for name in names:
        candidates = (places.joined(here, place, name) for place in places.PLACES)
        path = next(filter(files.__contains__, candidates), None)
        if path:
            found[name] = files[path]
    return found


def main(archive: str, out: str, *names: str) -> None:
    """Takes `names` from an archive, plain files into the folder `out`; says in JSON what there was."""
    answer: dict = {"refusal": "", "odd": {}}
    try:
        for name, content in take(Path(archive), names).items():
            if isinstance(content, Odd):
                answer["odd"][name] = content.name
            else:
                (Path(out) / name).write_bytes(content)
    except Refused as error:
        answer["refusal"] = str(error)
    except (MemoryError, RecursionError):
        answer["refusal"] = "it takes too much memory to unpack"
    json.dump(answer, sys.stdout)
