"""The table of known mistakes, made by playing them, and every right solution beside."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from grader.building import build
from grader.course.labs import Lab
from grader.diagnosis import answers, table
from grader.diagnosis.answers import Answers
from grader.diagnosis.table import Known, Table
from grader.emulators import machine
from grader.mutants import misconceptions, sources
from grader.mutants.sources import Candidate


def played(lab: Lab, candidate: Candidate, toolchain: build.Toolchain) -> dict[str, Answers]:
    """What a solution answers in its lab."""
    with tempfile.TemporaryDirectory(prefix="marionette-") as folder:
        source = Path(folder) / lab.files[0]
        source.write_text(candidate.text, encoding="utf-8")
        image = build.image(toolchain, {lab.files[0]: source})
    return answers.play(lab, image, toolchain.kernel_base)


def make(lab: Lab, toolchain: build.Toolchain, jobs: int, on_step: Callable[[], None]) -> Table:
    """A lab's table; what the last one has of it, and is the same still, is not played again. `on_step` is told of
    each of the `candidates`."""
    right, wrong = sources.alternatives(lab), sources.written(lab)
    behind = misconceptions.load(lab)
    version, before = table.version(lab), table.load(toolchain.folder, lab)
    kept = {one.digest: one for one in before.known} if before else {}
    pool = ThreadPoolExecutor(jobs)
    try:
        expected = answers.expected(pool.map(lambda one: _told(lab, one, toolchain, on_step), right))

        def known(one: Candidate) -> Known:
            digest = _digest(one, toolchain, [c.text for c in right])
            symptoms = (kept[digest].symptoms if digest in kept
                        else answers.symptoms(played(lab, one, toolchain), expected))
            on_step()
            return Known(one.name, one.about, misconceptions.of(behind, one), symptoms, digest)

        return Table(lab.slug, version, expected, list(pool.map(known, wrong)))
    except BaseException:
        machine.stop_all()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def candidates(lab: Lab) -> int:
    """How many solutions a lab's table is made of."""
    return len(sources.alternatives(lab)) + len(sources.written(lab))


def _told(lab: Lab, one: Candidate, toolchain: build.Toolchain, on_step: Callable[[], None]) -> dict[str, Answers]:
    done = played(lab, one, toolchain)
    on_step()
    return done


def _digest(one: Candidate, toolchain: build.Toolchain, right: Sequence[str]) -> str:
    """Stands for what a mistake's symptoms follow from, beside what the table's version does."""
    return hashlib.sha256("\0".join([one.text, hex(toolchain.kernel_base), *right]).encode()).hexdigest()[:16]
