"""A class run: takes what was handed in, has it graded, keeps what came of it as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from enum import Enum

from grader.cohort.intake import files, gather
from grader.cohort.intake.archive import Refused
from grader.cohort.intake.files import Taken
from grader.cohort.intake.gather import Entry
from grader.cohort.work import kit_digest, one_submission
from grader.cohort.work.one_submission import Graded, Task
from grader.cohort.work.store import Key, Store
from grader.course.labs import Lab

_GLANCE = 0.5  # seconds between two looks at how much there is room for


class Step(Enum):
    """What has become of a submission."""

    KEPT = "graded already"
    GRADED = "graded"
    BROKEN = "no score"


@dataclass(frozen=True)
class Plan:
    """How everybody is graded. `lab` is one lab's name, or "" for all; `seed_of` a student's seed;
    `build` Make's build folder from the top of the kit; `shown` what messages call a student's folder;
    `weights` the course's, where they are part of the score; `mistakes` stands for the tables of known ones."""

    labs: Sequence[Lab]
    lab: str
    seed_of: Callable[[str], str]
    build: str
    kernel_base: str
    shown: Callable[[Entry], str]
    weights: str = ""
    mistakes: str = ""

    def task(self, entry: Entry) -> Task:
        """What is to be graded of an entry. Raises GraderError or OSError where the host is to blame."""
        refusal, taken = "", Taken()
        try:
            taken = entry.take(gather.file_names(self.labs))
        except Refused as error:
            refusal = f"nothing can be taken from what was handed in: {error}"
        shown = self.shown(entry)
        return Task(entry.id, taken.files, refusal, self.lab, self.seed_of(entry.id), self.build,
                    kit_digest.digest(), f"{shown}/submission", shown, taken.remark)

    def key(self, task: Task) -> Key:
        """What the score of a task follows from."""
        return Key(files.digest(task.files, task.refusal, task.remark), task.kit, task.seed, task.lab,
                   self.kernel_base, self.weights, self.mistakes)


def run(entries: Iterable[Entry], plan: Plan, store: Store, executor: Executor,
        room: Callable[[], int], tell: Callable[[Entry, Step, str], None]) -> None:
    """Grades all entries that have no score yet, `room()` at a time. Raises GraderError if nothing
    more can be kept; whatever ends it, what was told as done is kept."""
    waiting: dict[Future, tuple[Entry, Task]] = {}
    to_do = _to_do(entries, plan, store, tell)
    more = True
    while more or waiting:
        while more and len(waiting) < room():
            entry_and_task = next(to_do, None)
            more = entry_and_task is not None
            if more:
                waiting[executor.submit(one_submission.grade, entry_and_task[1])] = entry_and_task
        done, _ = wait(waiting, _GLANCE, FIRST_COMPLETED)
        for future in done:
            entry, task = waiting.pop(future)
            _keep(entry, task, _outcome(future), plan, store, tell)


def _to_do(entries: Iterable[Entry], plan: Plan, store: Store,
           tell: Callable[[Entry, Step, str], None]) -> Iterator[tuple[Entry, Task]]:
    """What has no score yet, taken one by one as there is room."""
    for entry in entries:
        try:
            task = plan.task(entry)
        except Exception as error:  # whatever one submission brings about, the others go on
            _keep(entry, _nothing(entry, plan), Graded(problem=f"it can't be read: {error}"), plan,
                  store, tell)
            continue
        if store.is_graded(entry.folder, plan.key(task)):
            tell(entry, Step.KEPT, "")
        else:
            yield entry, task


def _nothing(entry: Entry, plan: Plan) -> Task:
    return Task(entry.id, {}, "", plan.lab, plan.seed_of(entry.id), plan.build, kit_digest.digest())


def _outcome(future: Future) -> Graded:
    try:
        return future.result()
    except Exception as error:  # a cluster's, mostly: workers that died of it, or were shut down
        return Graded(problem=f"the grading was lost: {str(error) or type(error).__name__}")


def _keep(entry: Entry, task: Task, graded: Graded, plan: Plan, store: Store,
          tell: Callable[[Entry, Step, str], None]) -> None:
    store.save(entry.folder, entry.source, plan.key(task), task, graded)
    tell(entry, Step.BROKEN if graded.problem else Step.GRADED, graded.problem)
