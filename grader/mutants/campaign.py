"""Grades many candidates with many seeds, and remembers what it graded: it can be interrupted."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

from grader.building import build, gate
from grader.course.labs import ROOT, Lab
from grader.emulators import machine
from grader.mutants import scoring, sources
from grader.mutants.scoring import Mark
from grader.mutants.sources import Candidate
from grader.reporting.results import write_whole

SAME_CODE = "the compiler makes the same of it"
NOT_COMPILED = "does not compile"
NOT_LET_IN = "the gate does not let it in"
OWN = ("grader.mutants", "grader.commands")  # of which no mark depends


@dataclass
class Examined:
    """What is known of a candidate: why it was not graded; or its marks, by seed."""

    candidate: Candidate
    refusal: str = ""
    marks: dict[str, list[Mark]] = field(default_factory=dict)
    elsewhere: float = 0  # points lost in the other labs

    @property
    def lost(self) -> list[float]:
        """The points lost, with each seed."""
        return [sum(mark.lost for mark in marks) for marks in self.marks.values()]

    @property
    def caught(self) -> bool:
        """Whether it loses points, with whatever seed."""
        return bool(self.lost) and min(self.lost) > 0

    @property
    def caught_by(self) -> list[str]:
        """The tests that it lost points in, with any seed, in the lab's order."""
        return list(dict.fromkeys(mark.test for marks in self.marks.values() for mark in marks
                                  if mark.lost))


@dataclass
class Campaign:
    """Candidates of one lab after the other, on as many threads as there are jobs.

    What was graded is kept in `folder`, by image, seed and what judges it.
    """

    toolchain: build.Toolchain
    folder: Path
    seeds: Sequence[str]
    jobs: int

    def run(self, lab: Lab, candidates: Sequence[Candidate],
            on_step: Callable[[], None]) -> list[Examined]:
        """Grades all of them; `on_step` is told of each grading, len(candidates) * len(seeds)."""
        pool = ThreadPoolExecutor(self.jobs)
        try:
            codes = list(pool.map(lambda candidate: self._code(lab, candidate), candidates))
            examined = list(self._told_apart(lab, candidates, codes))
            for entry in examined:
                for _ in self.seeds if entry.refusal else ():
                    on_step()
            self._grade(pool, lab, [entry for entry in examined if not entry.refusal], on_step)
            return examined
        except BaseException:
            machine.stop_all()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _grade(self, pool: ThreadPoolExecutor, lab: Lab, examined: Iterable[Examined],
               on_step: Callable[[], None]) -> None:
        futures: dict[Future, tuple[Examined, str]] = {
            pool.submit(self._marks, lab, entry.candidate, seed): (entry, seed)
            for entry in examined for seed in self.seeds}
        found = {}
        for future in as_completed(futures):
            found[id(futures[future][0]), futures[future][1]] = future.result()
            on_step()
        for entry in examined:
            entry.marks = {seed: found[id(entry), seed] for seed in self.seeds}
            lost = scoring.elsewhere(lab, entry.candidate.text, self.toolchain, self.seeds[0])
            entry.elsewhere = sum(lost.values())

    def _told_apart(self, lab: Lab, candidates: Sequence[Candidate],
                    codes: Sequence[bytes | str]) -> Iterator[Examined]:
        """Of those that are the same code as a right solution, or as one before, none is graded."""
        known = {self._code(lab, right) for right in sources.alternatives(lab)}
        for candidate, code in zip(candidates, codes, strict=True):
            if isinstance(code, str):
                yield Examined(candidate, code)
            elif candidate.kind == "generated" and code in known:
                yield Examined(candidate, SAME_CODE)
            else:
                known.add(code)
                yield Examined(candidate)

    def _code(self, lab: Lab, candidate: Candidate) -> bytes | str:
        """The object that a candidate compiles to, without what is for debuggers; or why none."""
        with tempfile.TemporaryDirectory(prefix="marionette-") as folder:
            source, stripped = Path(folder) / lab.files[0], Path(folder) / "stripped.o"
            source.write_text(candidate.text, encoding="utf-8")
            try:
                compiled = build.compile_file(self.toolchain, lab.files[0], source)
            except gate.Rejected:
                return NOT_LET_IN
            except build.BuildError:
                return NOT_COMPILED
            subprocess.run([self.toolchain.tools + "objcopy", "--strip-debug", compiled, stripped],
                           check=True)
            return stripped.read_bytes()

    def _marks(self, lab: Lab, candidate: Candidate, seed: str) -> list[Mark]:
        name = hashlib.sha256("\0".join([candidate.text, lab.slug, seed,
                                         self._judges]).encode()).hexdigest()[:24]
        path = self.folder / "marks" / f"{name}.json"
        if path.exists():
            return [Mark(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
        marks = scoring.marks(lab, candidate.text, self.toolchain, seed)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps([asdict(mark) for mark in marks]))
        return marks

    @cached_property
    def _judges(self) -> str:
        """Stands for everything that a mark depends on beside the candidate and the seed."""
        digest = hashlib.sha256()
        files = [ROOT / name for name in (*self.toolchain.kit, *self.toolchain.reference)]
        files += [path for path in sorted((ROOT / "labs").rglob("*")) if path.is_file()]
        files += sorted(Path(module.__file__) for name, module in list(sys.modules.items())
                        if name.startswith("grader.") and not name.startswith(OWN) and module.__file__)
        for path in files:
            if "__pycache__" not in path.parts:
                digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()
