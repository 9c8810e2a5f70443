"""What examples are tried on: right designs of a lab, and impostors. In the course's repository they are made from
source; a student's kit has them as objects, all made alike and named by their content."""

from __future__ import annotations

import hashlib
import importlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.building import build
from grader.building.toolchain import Toolchain
from grader.course.labs import ROOT, Lab
from grader.errors import Infrastructure

_INDEX = "index.json"
_FROM_SOURCE = "grader.mutants.impostors"  # by name: no kit has it


@dataclass(frozen=True)
class Design:
    """An object that takes the place of a lab's file. An impostor's `hint` says where to look, in words."""

    compiled: Path
    hint: str = ""

    def image(self, lab: Lab, toolchain: Toolchain, layout: str) -> Path:
        """The lab's stage with it, everything at the addresses that a layout gives."""
        return build.linked(toolchain, {lab.files[0]: self.compiled}, layout)


@dataclass(frozen=True)
class Designs:
    """The right ones, and the impostors in the order of their numbers."""

    right: Sequence[Design]
    impostors: Sequence[Design]


def are_there(lab: Lab, toolchain: Toolchain) -> bool:
    """Whether examples of a lab can be tried here on impostors: not if it has none, and in a kit only from the date on
    that the course gives them out."""
    return folder(ROOT / "reference", toolchain, lab).is_dir() or lab.impostors.exists()


def of(lab: Lab, toolchain: Toolchain) -> Designs:
    """A lab's designs. Raises Infrastructure if there are none."""
    kept = folder(ROOT / "reference", toolchain, lab)
    if kept.is_dir():
        return _load(kept)
    try:
        source = importlib.import_module(_FROM_SOURCE)
    except ModuleNotFoundError:
        raise Infrastructure(f"this kit has nothing that examples of lab {lab.slug} could be tried on: {kept} is missing. "
                          "An update of the kit may bring it") from None
    right, wrong = source.compiled(toolchain, lab)
    return Designs([Design(path) for path in right], [Design(path, hint) for path, hint in wrong])


def right(lab: Lab, toolchain: Toolchain) -> Sequence[Path]:
    """The objects of a lab's right designs, which students' kits may have; none where no kit has any."""
    if not are_there(lab, toolchain):
        return ()
    kept = folder(ROOT / "reference", toolchain, lab)
    if kept.is_dir():
        return [design.compiled for design in _load(kept).right]
    return importlib.import_module(_FROM_SOURCE).right(toolchain, lab)


def folder(top: Path, toolchain: Toolchain, lab: Lab) -> Path:
    """Where a kit has a lab's designs, below its folder of references."""
    return top / f"0x{toolchain.kernel_base:08X}" / "examples" / lab.slug


def write(target: Path, designs: Designs, strip: Callable[[Path, Path], None]) -> None:
    """Writes them as a kit has them; `strip(source, target)` makes an object such as the references are. Of each,
    the name follows from what is in it, and all are as long as the longest."""
    target.mkdir(parents=True)
    names = [_written(target, design.compiled, strip) for design in (*designs.right, *designs.impostors)]
    longest = max((target / name).stat().st_size for name in names)
    for name in names:
        with (target / name).open("ab") as file:
            file.truncate(longest)
    right, wrong = names[:len(designs.right)], names[len(designs.right):]
    index = {"right": sorted(right), "impostors": [
        {"object": name, "hint": design.hint} for name, design in zip(wrong, designs.impostors, strict=True)]}
    (target / _INDEX).write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8")


def _written(target: Path, source: Path, strip: Callable[[Path, Path], None]) -> str:
    new = target / "new.o"
    strip(source, new)
    name = f"{hashlib.sha256(new.read_bytes()).hexdigest()[:16]}.o"
    shutil.move(new, target / name)
    return name


def _load(kept: Path) -> Designs:
    try:
        index = json.loads((kept / _INDEX).read_text(encoding="utf-8"))
        return Designs([Design(kept / name) for name in index["right"]],
                       [Design(kept / entry["object"], entry["hint"]) for entry in index["impostors"]])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Infrastructure(f"{kept / _INDEX} can't be read ({error}): `git checkout {kept}` brings it back") from error
