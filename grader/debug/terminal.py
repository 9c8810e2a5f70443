"""A debugger that has this terminal to itself, as a shell would give it: Ctrl-C is for the debugger, not
for us, nor for the make that called us."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator


# What runs a program so that nothing is left of it, and nothing spins, when we are killed.
WITH_US = ["setpriv", "--pdeathsig", "KILL"]


def run(arguments: list[str], **options) -> int:
    """Runs a program until the person leaves it; its exit status. `options` are Popen's."""
    arguments = WITH_US + arguments
    if not sys.stdin.isatty():
        return subprocess.run(arguments, check=False, **options).returncode
    with _given_back():
        process = subprocess.Popen(arguments, preexec_fn=_take_the_foreground, **options)
        return process.wait()


def _take_the_foreground() -> None:
    """In the new process: a group of its own, the one that the terminal's keys are for."""
    os.setpgid(0, 0)
    with _unstopped():
        os.tcsetpgrp(0, os.getpgrp())


@contextlib.contextmanager
def _given_back() -> Iterator[None]:
    """Afterwards the terminal is ours again, and as it was, however the program left it."""
    terminal = sys.stdin.fileno()
    group, settings = os.tcgetpgrp(terminal), termios.tcgetattr(terminal)
    try:
        yield
    finally:
        with _unstopped():
            os.tcsetpgrp(terminal, group)
            termios.tcsetattr(terminal, termios.TCSADRAIN, settings)


@contextlib.contextmanager
def _unstopped() -> Iterator[None]:
    """Who is not in the foreground is stopped for touching the terminal, unless it ignores that."""
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGTTOU, before)
