"""What attacks take, each graded as an instructor would: processor time, that of processes that were killed in their
boxes, too; the most memory that one process had, of all so far; and wall-clock time.

    /usr/bin/python3 tests/grader/attack_cost.py buddy/endless_loop buddy/endless_questions

After `make kernel`.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
import tempfile
from pathlib import Path

from conftest import make_kernel
from corpus import Attack, attacks, grade, lay_out

from grader.building import build

_SET_CHILD_SUBREAPER = 36  # linux/prctl.h: who is orphaned below this process is its child from then on


def cost(attack: Attack, build_folder: Path) -> str:
    """What grading one took, in words."""
    with tempfile.TemporaryDirectory(prefix="marionette-") as folder:
        submission = lay_out(attack, Path(folder), build.Toolchain.load(build_folder))
        before = _used()
        came = grade(attack, submission, build_folder)
        used = _used()
    return (f"{attack.name}: {used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime:.1f} s of processor time, "
            f"{used.ru_maxrss >> 10} MiB, {came.seconds:.1f} s, {came.score} points")


def _used() -> resource.struct_rusage:
    """What children have used that have ended, all of them: waits for the others."""
    try:
        while True:
            os.wait()
    except ChildProcessError:
        return resource.getrusage(resource.RUSAGE_CHILDREN)


def main(*names: str) -> None:
    """Grades the attacks of these names, one after the other."""
    ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    build_folder = make_kernel()
    for attack in attacks():
        if attack.name in names:
            print(cost(attack, build_folder), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
