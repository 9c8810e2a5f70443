"""`grader/marionette grade` without starting Python anew: a process that has imported the grader forks for each.

Many tests grade, and a third of what such a grading takes is its imports and what it finds out of the kit. Where
the environment is another than at the start, or another command is asked for, conftest.py runs the program itself.
"""

from __future__ import annotations

import gc
import json
import os
import select
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def surroundings() -> dict[str, str]:
    """The environment, without the test that is under way."""
    return {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}


class Marionette:
    """Such a process, for a test process: it grades one at a time, and ends when nobody writes to it any more."""

    def __init__(self, build: Path) -> None:
        self.environment = surroundings()
        begin = f"import sys; sys.path[:0] = {[str(ROOT), str(Path(__file__).parent)]}; import forked; forked.serve()"
        self._process = subprocess.Popen(["/usr/bin/python3", "-I", "-X", "utf8", "-c", begin, str(build)], cwd=ROOT,
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)

    def run(self, arguments: list[str], seconds: float) -> subprocess.CompletedProcess:
        """What `grader/marionette` with these arguments says, and its status. Raises TimeoutError."""
        with tempfile.TemporaryDirectory(prefix="marionette-said-") as folder:
            self._process.stdin.write(json.dumps([arguments, folder]).encode() + b"\n")
            if not select.select([self._process.stdout], [], [], seconds)[0]:
                self._process.kill()
                raise TimeoutError(arguments)
            status = int(self._process.stdout.readline())
            said = [(Path(folder) / name).read_text(encoding="utf-8", errors="replace") for name in ("1", "2")]
        return subprocess.CompletedProcess(arguments, status, *said)


def serve() -> None:
    """That process: a line asks for a grading, a line answers with its status."""
    from grader.building import build
    from grader.cohort.work import nursery
    with suppress(Exception):  # what can't be had, each grading will miss and tell
        nursery.load(build.Toolchain.load(Path(sys.argv[1])), ())
    gc.freeze()
    for line in sys.stdin:
        arguments, folder = json.loads(line)
        child = os.fork()
        if not child:
            _be_marionette(arguments, Path(folder))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _be_marionette(arguments: list[str], folder: Path) -> None:
    """In the child: grader/marionette, whose output goes to two files."""
    from grader.__main__ import entry
    status = 1
    try:
        for target, name in ((0, os.devnull), (1, folder / "1"), (2, folder / "2")):
            os.dup2(os.open(name, os.O_RDWR | os.O_CREAT), target)
        sys.argv = ["marionette", *arguments]
        entry()
    except SystemExit as end:
        status = end.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
