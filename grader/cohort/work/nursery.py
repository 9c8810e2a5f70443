"""Where the gradings of a class come from: a process that has imported the grader once, and forks for each.

To import it takes a third of a second, as long as booting a whole lab; and what the kit, the tools and the
reference are need be found out only once.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

from grader.building import build, gate, likeness, sandbox
from grader.course import labs
from grader.course.labs import ROOT, Lab
from grader.debug.terminal import WITH_US
from grader.examples import designs
from grader.grading import workloads
from grader.grading.stage_grading import PUBLIC_SEED
from grader.reporting import provenance

SAID = "said"  # in a grading's folder: what it complained of
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG, of prctl(2)


class Nursery:
    """Such a process, for one thread. It ends with that thread, its grading with it, and that one's boxes too,
    even if all of us are killed (setpriv)."""

    def __init__(self, build: str, lab: str) -> None:
        self._process = subprocess.Popen(
            [*WITH_US, "--", str(ROOT / "grader" / "marionette"), "nursery", "--build", build, "--lab", lab],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, start_new_session=True)

    @property
    def is_alive(self) -> bool:
        """Whether it can grade once more."""
        return self._process.poll() is None

    def grade(self, arguments: list[str], folder: Path, seconds: float) -> int:
        """Runs `marionette grade` with these arguments in a folder, where it leaves SAID and whose `tmp` it may
        fill: its exit status, or minus the signal that ended it or the nursery. Raises TimeoutError."""
        try:
            self._process.stdin.write(json.dumps([arguments, str(folder)]).encode() + b"\n")
        except BrokenPipeError:
            return self._process.wait()
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            raise TimeoutError
        answer = self._process.stdout.readline()
        return int(answer) if answer else self._process.wait()

    def kill(self) -> None:
        """Ends it, and what it grades."""
        if self.is_alive:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def load(toolchain: build.Toolchain, chosen: Iterable[Lab]) -> None:
    """Gets what every grading of the `chosen` labs needs: modules, what is played with the public seed, and all that is
    remembered of the kit, of the right designs and of the tools once it was asked."""
    import elftools.elf.elffile  # noqa: F401: a grading may get by without

    import grader.grade  # noqa: F401
    for lab in labs.all_labs():
        lab.new_picture(lab.new_oracle(toolchain.kernel_base))
        for test in lab.graded_tests.values():
            workloads.of_test(lab, test, PUBLIC_SEED)
    image = build.image(toolchain, {})
    gate.check_image(image, image)
    for path in toolchain.reference:
        build.contract(path, toolchain.tools)
    for path in (*(ROOT / path for path in toolchain.reference),
                 *(path for lab in chosen for path in designs.right(lab, toolchain))):
        likeness.likeness(toolchain.tools, path, path)
    provenance.around(toolchain, "qemu")
    sandbox.degraded(), sandbox.unfiltered()


def serve(requests: Iterable[str], answers: IO[str], grade: Callable[[list[str]], int]) -> None:
    """The nursery's own side: a line asks for a grading, a line answers with its status. `grade` is run in a
    process of its own; what is loaded so far, it has."""
    gc.freeze()  # or each child would copy every page that its garbage collector looks at
    for line in requests:
        arguments, folder = json.loads(line)
        child = os.fork()
        if not child:
            _be_a_grading(lambda: grade(arguments), Path(folder))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)


def _be_a_grading(grade: Callable[[], int], folder: Path) -> None:
    """In the child: grades, and ends."""
    status = 1
    try:
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        _redirect(folder / SAID)
        os.chdir(folder)
        os.environ["TMPDIR"], tempfile.tempdir = str(folder / "tmp"), None
        gc.disable()  # who lives for seconds needs none: a tenth of Python's time
        status = grade()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)  # the rest of the stack is the nursery's


def _redirect(said: Path) -> None:
    """Nothing is read, nothing is shown, and complaints go to a file."""
    nothing = os.open(os.devnull, os.O_RDWR)
    errors = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for target, source in ((0, nothing), (1, nothing), (2, errors)):
        os.dup2(source, target)
