"""What a class of thousands on a cluster takes of all that there is only one of: the scheduler, and the machine
that `make class` was called on.

    /usr/bin/python3 tests/grader/class_simulation.py GRADED STUDENTS WORKERS SECONDS FOLDER

GRADED is the output of a class run. STUDENTS folders are made in FOLDER and graded by WORKERS one-thread Dask
workers, all on this machine: the real scheduler, the real class run, and gradings that do nothing for SECONDS, and
then give back what one of GRADED's had. Says how long it took, and how much processor time and memory.
"""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import time
from contextlib import ExitStack
from functools import cache
from pathlib import Path

import distributed
import psutil
from class_cost import ROOT, cluster
from rich.console import Console

from grader.building.toolchain import Toolchain
from grader.cohort import session
from grader.cohort.work import kit_digest, one_submission
from grader.cohort.work.one_submission import Graded, Task
from grader.course.labs import all_labs

_A_PROCESS = 32  # workers in each of the processes that they share: they only sleep


def pretended(task: Task) -> Graded:
    """A grading of the usual length, and what a real one gave."""
    seconds = float(os.environ["SIMULATED_SECONDS"])
    time.sleep(seconds)
    real = _real(os.environ["SIMULATED_RESULTS"])
    return Graded(real[sum(task.id.encode()) % len(real)], seconds=seconds, host="simulated")


@cache
def _real(graded: str) -> list[dict[str, bytes]]:
    return [{str(path.relative_to(student)): path.read_bytes() for path in sorted(student.rglob("*"))
             if path.is_file() and path.name != "graded.json" and "submission" not in path.parts}
            for student in sorted(Path(graded, "students").iterdir())]


async def _work(address: str, workers: int) -> None:
    """So many workers, until the scheduler is gone."""
    offered = {kit_digest.name(): 1}
    team = [await distributed.Worker(address, nthreads=1, resources=offered) for _ in range(workers)]
    await asyncio.gather(*(worker.finished() for worker in team))


def _class(folder: Path, students: int) -> None:
    for number in range(students):
        place = folder / f"s{number:05}" / "buddy.cpp"
        place.parent.mkdir(parents=True)
        place.write_text(f"// {number}\n", encoding="ascii")


def _processor_time(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def main(graded: str, students: str, workers: str, seconds: str, folder: str) -> None:
    """One class run, measured."""
    os.environ |= {"SIMULATED_RESULTS": str(Path(graded).resolve()), "SIMULATED_SECONDS": seconds,
                   "PYTHONPATH": f"{ROOT}:{Path(__file__).parent}"}
    place = Path(folder).resolve()
    _class(place / "handed-in", int(students))
    one_submission.grade = pretended
    with ExitStack() as stack:
        address, [scheduler] = stack.enter_context(cluster(0))
        for first in range(0, int(workers), _A_PROCESS):
            count = min(_A_PROCESS, int(workers) - first)
            team = subprocess.Popen([sys.executable, __file__, "--work", address, str(count)], cwd=place)
            stack.callback(team.kill)
        with distributed.Client(address, set_as_default=False) as client:
            client.wait_for_workers(int(workers))
        request = session.Request(Toolchain.load(ROOT / "build" / "0xC0000000"), all_labs(), "", place / "out",
                                  submissions=str(place / "handed-in"), scheduler=address)
        started, before = time.monotonic(), time.process_time()
        session.grade_class(request, Console())
        wall, own = time.monotonic() - started, time.process_time() - before
        process = psutil.Process(scheduler.pid)
        print(f"{wall:.0f} s; without anything but gradings {int(students) * float(seconds) / int(workers):.0f}")
        print(f"scheduler: {_processor_time(process):.1f} s, {process.memory_info().rss >> 20} MiB")
        print(f"make class: {own:.1f} s, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MiB")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    import class_simulation  # by its name: what workers are sent has to be found by theirs

    if sys.argv[1] == "--work":
        asyncio.run(class_simulation._work(sys.argv[2], int(sys.argv[3])))
    else:
        class_simulation.main(*sys.argv[1:])
