"""`make class`: from a folder of submissions, or git refs, to a page about the class."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from grader.building import build
from grader.cohort import terminal
from grader.cohort.intake import gather, times
from grader.cohort.intake.gather import Entry, Gathered, NotTaken
from grader.cohort.telling import comparison, summary
from grader.cohort.telling.figures import Row
from grader.cohort.work import crew, dispatch, shards
from grader.cohort.work.store import Store, opened
from grader.course import course, secret
from grader.course.labs import ROOT, Lab
from grader.diagnosis import table
from grader.errors import EXIT_BROKEN, EXIT_INTERRUPTED, GraderError
from grader.grade import PUBLIC_SEED


@dataclass(frozen=True)
class Request:
    """What was asked for; "" where nothing was."""

    toolchain: build.Toolchain
    labs: Sequence[Lab]
    lab: str
    out: Path
    submissions: str = ""
    repository: str = ""
    refs: str = ""
    jobs: int = os.cpu_count() or 1
    seed: str = ""
    secret: str = ""
    attempt: str = ""
    scheduler: str = ""
    earlier: str = ""
    times: str = ""
    shard: str = ""  # "2/8": the third of eight parts, for a machine that has this one alone


def grade_class(request: Request, console: Console) -> int:
    """Grades everybody who has no score yet, and sums up; the exit status. Raises GraderError."""
    started = time.monotonic()
    gathered = gather.find(request.submissions, request.repository, request.refs, request.labs)
    if request.shard:
        request, gathered = _part(request, gathered)
    entries = gathered.entries
    moments, unknown = _times(request, entries)
    earlier = (comparison.read(Path(request.earlier), request.out) if request.earlier else None)
    with opened(request.out) as store, terminal.Show(console, len(entries)) as bar:
        interrupted = False
        shards.adopt(store)
        try:
            with _crew(request, console) as workers:
                dispatch.run(entries, _plan(request, store), store, workers.executor, workers.room, bar.tell)
        except KeyboardInterrupt:
            interrupted = True
        except GraderError:
            with suppress(GraderError):  # on a full disk: what ended the run is to be told
                _sum_up(request, gathered, store, earlier, moments)
            raise
        compared = _sum_up(request, gathered, store, earlier, moments)
        not_taken = _not_taken(gathered, store)
    for text in [*(f"not taken: {one.name}: {one.why}" for one in not_taken), *filter(None, [unknown])]:
        terminal.line(console, text, "yellow")
    _tell(request, compared, bar.summary(time.monotonic() - started), console)
    if interrupted:
        terminal.line(console, "Interrupted: what was graded is kept, and the same command goes on.")
        return EXIT_INTERRUPTED
    return EXIT_BROKEN if bar.counts[dispatch.Step.BROKEN] else 0


def _part(request: Request, gathered: Gathered) -> tuple[Request, Gathered]:
    """A part of the class, which goes into a folder of its own until the whole is summed up."""
    part = shards.parse(request.shard)
    return (replace(request, out=shards.folder(request.out, part)),
            replace(gathered, entries=gathered.entries[part.index::part.of]))


def _times(request: Request, entries: Sequence[Entry]) -> tuple[times.Table, str]:
    """What TIMES= says, and what it does not say of whom."""
    if not request.times:
        return {}, ""
    moments = times.read(Path(request.times))
    return moments, times.check(Path(request.times), entries, moments)


def _sum_up(request: Request, gathered: Gathered, store: Store,
            earlier: comparison.Earlier | None, moments: times.Table) -> comparison.Comparison | None:
    """Writes what there is to tell about the class so far; what changed since an earlier run."""
    rows = [Row(entry, store.load(entry.folder), times.of(entry, moments)) for entry in gathered.entries]
    compared = comparison.compare(rows, earlier) if earlier else None
    summary.write(rows, request.labs, request.out, compared, _not_taken(gathered, store), earlier)
    return compared


def _not_taken(gathered: Gathered, store: Store) -> list[NotTaken]:
    """What is nobody's submission; and the results of those who were graded earlier and are gone."""
    here = {entry.folder for entry in gathered.entries}
    return [*gathered.not_taken,
            *(NotTaken(f"students/{student}", "graded earlier, and no longer handed in; counts for nothing here")
              for student in store.kept() if student not in here)]


def _tell(request: Request, compared: comparison.Comparison | None, done: str,
          console: Console) -> None:
    if compared:
        terminal.changes(console, compared)
    terminal.line(console, done)
    for name in ("index.html", "class.csv", "gradebook.csv", "misconceptions.csv"):
        terminal.line(console, f"  {_from_top(request.out / name)}")


def _crew(request: Request, console: Console) -> AbstractContextManager[crew.Crew]:
    if not request.scheduler:
        return crew.local(request.jobs)
    from grader.cohort.work import cluster  # slow to import, and few have one
    return cluster.connected(request.scheduler, lambda text: terminal.line(console, text))


def _plan(request: Request, store: Store) -> dispatch.Plan:
    rules = course.load()
    key = Path(request.secret) if request.secret else rules.secret

    def seed_of(student: str) -> str:
        return secret.seed(request.seed, key, student, request.attempt) or PUBLIC_SEED

    return dispatch.Plan(request.labs, request.lab, seed_of, _from_top(request.toolchain.folder),
                    f"0x{request.toolchain.kernel_base:08X}",
                    lambda entry: _from_top(shards.whole(store).folder(entry.folder)),
                    f"integrated {rules.integrated_weight}"
                    + (f", examples {rules.examples_weight}" if rules.examples_weight else ""),
                    table.digest_of_all(request.toolchain.folder, request.labs))


def _from_top(path: Path) -> str:
    """A path as it is called from the top of the kit."""
    path = path.resolve()
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)
