"""Runs a command as a host does that executes no 32-bit programs: `native_only.py COMMAND [ARGUMENT ...]`.

Whatever the command starts, directly or not, is killed at its first system call if that is not one of the
host's own architecture (SIGSYS). That is what libseccomp, which QEMU brings along, does with any filter, and
this one allows all other calls.
"""

from __future__ import annotations

import ctypes
import os
import sys

ALLOW = 0x7fff0000  # SCMP_ACT_ALLOW, seccomp_init(3)


def forbid() -> str:
    """Forbids it to this process and all that come of it; why that can't be done, or an empty text."""
    try:
        library = ctypes.CDLL("libseccomp.so.2")
    except OSError as error:
        return str(error)
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_load.argtypes = [ctypes.c_void_p]
    error = library.seccomp_load(library.seccomp_init(ALLOW))
    return os.strerror(-error) if error else ""


if __name__ == "__main__":
    if problem := forbid():
        print(f"native_only: 32-bit programs can't be forbidden here ({problem}); going on", file=sys.stderr)
    os.execvp(sys.argv[1], sys.argv[1:])
