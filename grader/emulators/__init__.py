"""The emulators that a submission can be graded in.

`qemu`, `bochs` and `v86` are each a grader.emulators.machine.Emulator, named as EMULATOR= names them; `machine` is what
a boot is in either. `qmp` attends a boot in QEMU, whose memory is a file (`ram`), whose serial line is one of the `ports`,
and which is ended for its `silence`; `bochs_debugger` attends one in Bochs. `apart` makes each of a boot's scenarios the
first; `dealer` tells a machine its script line by line.
"""

from __future__ import annotations

import importlib

from grader.emulators.machine import Emulator
from grader.errors import GraderError

NAMES = ("qemu", "bochs", "v86")


def find(name: str) -> Emulator:
    """The emulator of that name. Raises GraderError, which lists those there are."""
    if name not in NAMES:
        raise GraderError(f"EMULATOR={name}: there is no such emulator, only {', '.join(NAMES)}")
    return importlib.import_module(f"{__name__}.{name}")
