"""Who grades: this machine's processors. (`cluster` has other machines.)"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from grader.cohort.work import one_submission


@dataclass(frozen=True)
class Crew:
    """An executor, and how many tasks it should have at a time so that nobody waits."""

    executor: Executor
    room: Callable[[], int]


@contextmanager
def local(jobs: int) -> Iterator[Crew]:
    """This machine: threads that wait for processes, so that a grader that is killed is nobody
    else's loss. Whatever ends the run ends them all."""
    pool = ThreadPoolExecutor(jobs)
    try:
        yield Crew(pool, lambda: jobs + 1)
    except BaseException:
        one_submission.stop_all()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
