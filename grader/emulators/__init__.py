"""The emulators that a submission can be graded in: one module each, named as EMULATOR= names it.

Each is a grader.machine.Emulator.
"""

from __future__ import annotations

import importlib

from grader.errors import GraderError
from grader.machine import Emulator

NAMES = ("qemu", "bochs")


def find(name: str) -> Emulator:
    """The emulator of that name. Raises GraderError, which lists those there are."""
    if name not in NAMES:
        raise GraderError(f"EMULATOR={name}: there is no such emulator, only {', '.join(NAMES)}")
    return importlib.import_module(f"{__name__}.{name}")
