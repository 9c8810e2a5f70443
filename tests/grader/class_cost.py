"""What grading a class takes: submissions a minute, and the memory of all processes together.

    /usr/bin/python3 tests/grader/class_cost.py SUBMISSIONS OUT [make class's further options, NAME=value]
    /usr/bin/python3 tests/grader/class_cost.py SUBMISSIONS OUT --workers 2    # as many one-thread Dask workers

To be run on a machine that has nothing else to do, after `make kernel`; class_maker.py makes SUBMISSIONS.
OUT and what was compiled before are removed first, so that everything is done anew.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from class_runs import scheduler_address, wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
_GLANCE = 2  # seconds between two looks at the memory: each takes a twentieth of one


def measure(command: list[str], others: list[subprocess.Popen]) -> tuple[float, float]:
    """Runs a command: seconds, and the most MiB that it, `others` and all their children had at a time (each
    page counted once, however many share it)."""
    started, most = time.monotonic(), 0
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        most = max(most, sum(_memory(each.pid) for each in [process, *others]))
        time.sleep(_GLANCE)
    if process.returncode not in (0, 2):
        raise SystemExit(f"{' '.join(command)} ended with status {process.returncode}")
    return time.monotonic() - started, most / (1 << 20)


def _memory(pid: int) -> int:
    total = 0
    try:
        family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return 0
    for process in family:
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            pass  # it has ended
    return total


@contextmanager
def cluster(workers: int) -> Iterator[tuple[str, list[subprocess.Popen]]]:
    """A scheduler on this machine, and so many workers: its address, and the processes."""
    with tempfile.TemporaryDirectory() as folder:
        about = Path(folder) / "scheduler.json"
        commands = [["dask-scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show",
                     "--scheduler-file", str(about)]]
        commands += workers * [["dask-worker", "--scheduler-file", str(about), "--nthreads", "1", "--no-nanny",
                                "--no-dashboard", "--local-directory", folder, "--preload",
                                "grader.cohort.worker"]]
        processes = [subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)},
                                      stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.DEVNULL) for command in commands]
        try:
            yield wait_until(lambda: scheduler_address(about), "a scheduler"), processes
        finally:
            for process in processes:
                process.terminate()
                process.wait()


def main(submissions: str, out: str, *more: str) -> None:
    """Measures one run, and says what came of it."""
    shutil.rmtree(out, ignore_errors=True)
    for folder in ("objects", "images"):
        shutil.rmtree(ROOT / "build" / "0xC0000000" / folder, ignore_errors=True)
    command = ["make", "class", f"SUBMISSIONS={Path(submissions).resolve()}", f"OUT={Path(out).resolve()}"]
    if more[:1] == ("--workers",):
        with cluster(int(more[1])) as (address, processes):
            seconds, memory = measure([*command, f"SCHEDULER={address}", *more[2:]], processes)
    else:
        seconds, memory = measure([*command, *more], [])
    graded = len(list(Path(out).glob("students/*/results.json")))
    print(f"{graded} submissions in {seconds:.0f} s: {60 * graded / seconds:.1f} a minute, "
          f"{memory:.0f} MiB at most")


if __name__ == "__main__":
    main(*sys.argv[1:])
