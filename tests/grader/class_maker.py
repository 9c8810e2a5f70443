"""Makes a class: folders, archives and loose files, as course sites hand them over.

    python3 tests/grader/class_maker.py FOLDER [SIZE]

Right solutions of all designs, mutants of them, half-done work, stubs, and archives that are broken or hostile. Every
tenth is an attack (attacks/), for which `make kernel` must have been run. The same size gives the same class. Nobody's
files are like anybody else's, so that each has to be compiled and booted by itself.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import tarfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

import corpus  # noqa: E402: needs the path above

from grader.building.toolchain import Toolchain  # noqa: E402
from grader.course.labs import ROOT, Lab, all_labs, find  # noqa: E402
from grader.mutants import sources  # noqa: E402

Files = dict[str, bytes]  # by their paths
BUILD = ROOT / "build" / "0xC0000000"


# ---- What is in a submission ----

def reference(chance: random.Random) -> Files:
    """The kit's own solution."""
    del chance
    return {f"kernel/mm/{lab.files[0]}": sources.reference(lab).read_bytes() for lab in all_labs()}


def alternative(chance: random.Random) -> Files:
    """Right, and designed in other ways."""
    files = reference(chance)
    for lab in all_labs():
        texts = [candidate.text for candidate in sources.alternatives(lab)]
        files[f"kernel/mm/{lab.files[0]}"] = chance.choice(texts).encode()
    return files


def mutant(chance: random.Random) -> Files:
    """One to three mistakes in otherwise right files."""
    files = reference(chance)
    for lab in chance.sample(all_labs(), chance.randint(1, 3)):
        files[f"kernel/mm/{lab.files[0]}"] = _mutants(lab, chance).encode()
    return files


def half_done(chance: random.Random) -> Files:
    """The first labs, with a mistake in the last of them; the others are stubs, or are not there."""
    files, done = reference(chance), chance.randint(1, 5)
    for lab in all_labs()[done:]:
        path = f"kernel/mm/{lab.files[0]}"
        files[path] = (ROOT / path).read_bytes()
        if chance.random() < 0.5:
            del files[path]
    last = all_labs()[done - 1]
    files[f"kernel/mm/{last.files[0]}"] = _mutants(last, chance).encode()
    return files


def stubs(chance: random.Random) -> Files:
    """Nothing was written."""
    return {path: (ROOT / path).read_bytes() for path in reference(chance)}


def does_not_compile(chance: random.Random) -> Files:
    """A semicolon is missing somewhere."""
    files = reference(chance)
    path = chance.choice(sorted(files))
    before, _, after = files[path].rpartition(b";")
    return {**files, path: before + after}


def attack(chance: random.Random) -> Files:
    """What is to get no points in any lab (attacks/); with things that graders have tripped over."""
    files = reference(chance)
    for lab in all_labs():
        hostile = chance.choice([each for each in _attacks() if each.lab == lab.slug])
        text = corpus.filled_in(hostile, BUILD / "nowhere", Toolchain.load(BUILD))
        files[f"kernel/mm/{lab.files[0]}"] = text.encode()
    return {**files, "Makefile": b"all:\n\ttouch /tmp/pwned\n", "conftest.py": b"raise SystemExit(0)\n"}


@cache
def _attacks() -> list[corpus.Attack]:
    return [each for each in corpus.attacks() if each.path.suffix == ".cpp"]


def _mutants(lab: Lab, chance: random.Random) -> str:
    paths = sorted(path for path in (sources.FOLDER / lab.slug).glob("*")
                   if path.suffix in (".patch", ".cpp"))
    return sources.read(lab, chance.choice(paths)).text


# ---- How it is handed in ----

def as_folder(where: Path, name: str, files: Files) -> None:
    """A folder, as a TA's script makes them."""
    for path, content in files.items():
        place = where / name / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)


def as_tarball(where: Path, name: str, files: Files) -> None:
    """A tarball with everything inside one folder."""
    with tarfile.open(where / f"{name}.tar.gz", "w:gz", compresslevel=1) as tar:
        for path, content in files.items():
            add(tar, f"os-labs/{path}", content)


def as_zip(where: Path, name: str, files: Files) -> None:
    """A zip as macOS makes them."""
    with zipfile.ZipFile(where / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as file:
        for path, content in files.items():
            file.writestr(path, content)
            file.writestr(f"__MACOSX/._{Path(path).name}", b"\0\5\26\7")


def as_moodle(where: Path, name: str, files: Files) -> None:
    """Moodle's folder around a zip."""
    folder = where / f"{name}_4711_assignsubmission_file_"
    folder.mkdir()
    as_zip(folder, "labs", files)


def as_canvas(where: Path, name: str, files: Files) -> None:
    """Canvas: everybody's files side by side."""
    for i, (path, content) in enumerate(files.items()):
        (where / f"{name.replace('_', '')}_LATE_4712_{90000 + i}_{Path(path).name}").write_bytes(content)


def add(tar: tarfile.TarFile, path: str, content: bytes, **about: object) -> None:
    """Adds a file to a tarball; `about` are tarfile.TarInfo's attributes."""
    info = tarfile.TarInfo(path)
    info.size = len(content)
    for name, value in about.items():
        setattr(info, name, value)
    tar.addfile(info, io.BytesIO(content))


def truncated(where: Path, name: str, files: Files) -> None:
    """An upload that broke off."""
    as_tarball(where, name, files)
    path = where / f"{name}.tar.gz"
    content = path.read_bytes()
    path.write_bytes(content[:len(content) // 2])


def climbing(where: Path, name: str, files: Files) -> None:
    """A tarball that wants to be unpacked somewhere else."""
    with tarfile.open(where / f"{name}.tar", "w") as tar:
        add(tar, "../../solutions/mm/buddy.cpp", files["kernel/mm/buddy.cpp"])


def linked(where: Path, name: str, files: Files) -> None:
    """A folder with links to somebody else's files."""
    del files
    (where / name).mkdir()
    (where / name / "buddy.cpp").symlink_to(ROOT / "solutions" / "mm" / "buddy.cpp")
    (where / name / "mm").symlink_to(ROOT / "solutions" / "mm")


# ---- A class ----

_KINDS = (mutant, half_done, reference, mutant, attack, alternative, half_done, stubs, does_not_compile, mutant)
_WAYS: tuple[Callable[[Path, str, Files], None], ...] = (as_folder, as_tarball, as_zip, as_moodle,
                                                         as_canvas)
_BROKEN_WAYS = (truncated, climbing, linked)


def make(where: Path, size: int) -> list[str]:
    """Makes a class of so many in a folder; their names, in order."""
    where.mkdir(parents=True)
    chance = random.Random(size)
    names = []
    for i in range(size):
        kind = _KINDS[i % len(_KINDS)]
        files = {path: b"\n" * i + content for path, content in kind(chance).items()}
        way = _BROKEN_WAYS[i // 20 % 3] if i % 20 == 19 else _WAYS[(i + i // len(_KINDS)) % len(_WAYS)]
        names.append(f"{i:03}-{kind.__name__.replace('_', '-')}")
        way(where, names[-1], files)
    return names


if __name__ == "__main__":
    wanted = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    wanted.add_argument("where", metavar="folder", type=Path)
    wanted.add_argument("size", type=int, nargs="?", default=200)
    make(**vars(wanted.parse_args()))
