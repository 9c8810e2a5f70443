"""Students' kits that need no compiling: what Make made here it would make there alike."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from conftest import NOW, ROOT
from grader.building import build
from grader.course import course, labs
from grader.course.labs import Lab
from grader.kit import cut

WEIGHT = 60  # of the integrated stage: without a score of that stage there is none of the whole
LATER = course.Dates(release=NOW.replace(year=NOW.year + 1))


def prepare(folder: Path, toolchain: build.Toolchain, given: Sequence[Lab]) -> Path:
    """A kit with these labs as `folder`/kit, with its kernel; students' files that were compiled once are not again."""
    dates = {lab.slug: LATER for lab in labs.all_labs() if lab not in given}
    kit = cut.lay_out(folder / "kit", toolchain, course.Course(WEIGHT, dates=dates), NOW).folder
    give_kernel(kit / "build", toolchain)
    for name in ("objects", "preludes"):
        (ROOT / toolchain.folder / name).mkdir(exist_ok=True)
        (kit / "build" / toolchain.folder.name / name).symlink_to(ROOT / toolchain.folder / name)
    return kit


def give_kernel(folder: Path, toolchain: build.Toolchain) -> None:
    """Copies the kernel's objects into another build folder, newer than what they were made of."""
    made = (toolchain.folder / name for name in ("compiler", "prelude.h", "prelude.h.gch"))
    for path in (*made, *map(Path, toolchain.kit)):
        copy = folder / toolchain.folder.name / (ROOT / path).relative_to(ROOT / toolchain.folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / path, copy)
