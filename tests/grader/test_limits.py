"""Every wait has an end, and everything read a size: of the grading itself."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from itertools import cycle
from pathlib import Path

import psutil
import pytest
from class_runs import wait_until
from conftest import ROOT

from grader import limits
from grader.building import sandbox, toolchain
from grader.emulators import machine
from grader.emulators.ports import Ring
from grader.emulators.qmp import Attendant
from grader.errors import Infrastructure
from grader.judging.judge import Ending


def limited(program: str) -> subprocess.CompletedProcess[str]:
    """Python, with a grading's own limits, and what it said."""
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom grader import limits\n"
         f"limits.OWN_MEMORY, limits.OWN_SECONDS = 300 << 20, 1\nlimits.of_this_process()\n{program}"],
        capture_output=True, text=True, check=False)


def test_a_grading_has_no_more_memory_than_it_should() -> None:
    assert "MemoryError" in limited("bytes(400 << 20)").stderr
    assert limited("bytes(100 << 20)").returncode == 0


def test_a_grading_ends_however_it_computes() -> None:
    assert limited("import re; re.fullmatch('(a+)+b', 'a' * 99)").returncode == -24  # SIGXCPU


def test_what_a_grading_starts_has_limits_of_its_own() -> None:
    done = limited("import subprocess\nsubprocess.run(limits.Limits(5, 1 << 20).around(['sh', '-c', 'ulimit -d; ulimit -t']))")
    assert done.stdout.split() == ["unlimited", "5"]


def test_whoever_is_limited_to_less_is_told_so_and_no_submission_is_blamed() -> None:
    # Root may set wider ones, and then nobody is told: `false` stands for what can't.
    done = limited("import resource\nlimits._found = lambda program: '/bin/false'\nresource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))\n"
                   "limits.Limits(5, 1 << 20, 1 << 30).around(['true']); print('these will do', flush=True)\n"
                   "limits.Limits(5, 1 << 20).around(['true'])")
    assert done.stdout == "these will do\n"
    assert "ulimit -v 1048576, and 2097152 are needed" in done.stderr


@pytest.mark.skipif(bool(sandbox.degraded()), reason="no boxes here")
def test_of_what_ran_in_a_box_the_processor_time_is_known(tmp_path: Path) -> None:
    limit = sandbox.Limits(cpu_seconds=1, file_size=1 << 20)
    done = machine.run(["/usr/bin/sh", "-c", "while :; do :; done"], tmp_path, limit)
    assert done.status == 128 + 24  # SIGXCPU
    assert 0.8 < done.seconds < 5
    done = machine.run(["/usr/bin/sh", "-c", "exit 7"], tmp_path, limit)
    assert (done.status, done.errors) == (7, "") and done.seconds < 1


def test_what_is_listed_has_a_size() -> None:
    assert limits.listed(["echo", "a"]) == b"a\n"
    with pytest.raises(subprocess.CalledProcessError):
        limits.listed(["head", "-c", "100000000", "/dev/zero"])


def test_what_a_compiler_says_has_a_size_and_its_end_is_read(tmp_path: Path) -> None:
    few = sandbox.Limits(cpu_seconds=9, file_size=1 << 21)
    with pytest.raises(toolchain.BuildError, match="^a+$"):
        toolchain.run(["sh", "-c", "trap '' XFSZ; head -c 4000000 /dev/zero | tr '\\0' a >&2 || touch ended; exit 1"], tmp_path, few)
    assert (tmp_path / "ended").exists()
    with pytest.raises(Infrastructure, match="somebody ended sh"):
        toolchain.run(["sh", "-c", "head -c 1500000 /dev/zero | tr '\\0' a >&2; echo >&2\n"
                       "echo 'g++: fatal error: Killed signal terminated program cc1plus' >&2; exit 1"], tmp_path, few)


def test_what_was_stopped_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_stopped", threading.Event())
    monkeypatch.setattr(machine, "_stopped_for", [])
    begun = time.monotonic()
    with pytest.raises(Infrastructure, match="made no end of it"):
        machine.run(["/usr/bin/sleep", "1000"], tmp_path, sandbox.Limits(9, 9 << 20),
                    lambda: machine.stop_all("it made no end of it"))
    assert time.monotonic() - begun < 500


def test_a_cpu_that_is_woken_now_and_then_waits_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    attendant = Attendant(Ring(), 32, inspect=False, contents=0, most=1000, stops=1)
    said = cycle(["EIP=0 HLT=0", "EIP=0 HLT=1", "EIP=0 HLT=0"])
    monkeypatch.setattr(attendant, "command", lambda name, _=None: next(said) if name != "quit" else None)
    for _ in range(3 * 4):
        attendant._glance()
    assert attendant.ending is None
    for _ in range(3):
        attendant._glance()
    assert attendant.ending is Ending.STANDS_STILL


KILLED_AT_ONCE = """\
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from grader.building import sandbox
from grader.emulators import machine
sandbox.degraded()
machine._let_go = lambda emulator: os.kill(os.getpid(), 9)
machine.run([machine.program("qemu-system-i386"), "-S", "-display", "none", "-name", sys.argv[2]], Path.cwd(),
            sandbox.Limits(20, 1 << 20, 1 << 31))
"""


def test_no_emulator_outlives_a_grader_that_is_killed_while_it_makes_the_box(tmp_path: Path) -> None:
    if sandbox.degraded():
        pytest.skip(sandbox.degraded())
    name = f"outlives-{tmp_path.name}-{os.getpid()}"
    for _ in range(5):
        subprocess.run([sys.executable, "-c", KILLED_AT_ONCE, ROOT, name], cwd=tmp_path, check=False)

    def left() -> list[psutil.Process]:
        return [process for process in psutil.process_iter(["cmdline"]) if name in (process.info["cmdline"] or [])]

    try:
        wait_until(lambda: not left(), "their end")
    finally:
        for process in left():
            process.kill()
