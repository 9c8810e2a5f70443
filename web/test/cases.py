"""Kernels, and what QEMU's grading says of them, for grading.mjs: `cases.py FOLDER MUTANTS ALTERNATIVES`.

Of each lab the reference, so many mutants, so many alternatives, evenly spread over those there are: LAB-NAME.elf, and
beside it LAB-NAME.json, which is whole when it is there.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from grader.building import build  # noqa: E402
from grader.building.gate import Rejected  # noqa: E402
from grader.course import labs  # noqa: E402
from grader.course.labs import Lab  # noqa: E402
from grader.grading.stage_grading import PUBLIC_SEED  # noqa: E402
from grader.mutants import scoring, sources  # noqa: E402
from grader.mutants.sources import Candidate  # noqa: E402
from grader.reporting.results import write_whole  # noqa: E402


def spread(found: list[Candidate], number: int) -> list[Candidate]:
    """So many of them, evenly spread."""
    step = max(1, len(found) // max(1, number))
    return found[step // 2::step][:number]


def chosen(lab: Lab, mutants: int, alternatives: int) -> list[Candidate]:
    """What is graded in a lab."""
    right = sources.alternatives(lab)
    reference = [candidate for candidate in right if candidate.name == "reference"]
    others = [candidate for candidate in right if candidate.name != "reference"]
    return [*reference, *spread(others, alternatives), *spread(sources.written(lab), mutants)]


def case(lab: Lab, candidate: Candidate, toolchain: build.Toolchain, folder: Path) -> None:
    """Grades one in QEMU and keeps its image, if there is one."""
    with tempfile.TemporaryDirectory(prefix="marionette-") as name:
        path = Path(name) / lab.files[0]
        path.write_text(candidate.text, encoding="utf-8")
        try:
            image = build.image(toolchain, {path.name: path})
        except (build.BuildError, Rejected):
            return
    file = f"{lab.slug}-{candidate.name}.elf"
    shutil.copyfile(build.stripped(image), folder / file)
    marks = [asdict(mark) for mark in scoring.marks(lab, candidate.text, toolchain, PUBLIC_SEED)]
    told = {"lab": lab.slug, "name": candidate.name, "image": file, "marks": marks}
    write_whole((folder / file).with_suffix(".json"), json.dumps(told))


def main(folder: Path, mutants: int, alternatives: int) -> None:
    """Writes the images, and what is to come of them."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    toolchain = build.Toolchain.load(ROOT / "build" / "0xC0000000")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(case, lab, candidate, toolchain, folder) for lab in labs.all_labs()
                for candidate in chosen(lab, mutants, alternatives)]
        for job in jobs:
            job.result()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
