"""A machine's memory, in a file without a place in any file system."""

from __future__ import annotations

import os
from collections.abc import Iterator

LOADED_AT = 0x100000  # where the kernel's image lies: kernel_load_address (kernel/mm/layout.h)


def touched(file: int, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Where from `begin` to `end` there is anything: most of a machine's memory was never written to, and to read
    that would take the host's memory for it."""
    while begin < end:
        try:
            begin = os.lseek(file, begin, os.SEEK_DATA)
        except OSError:  # ENXIO: from there on there is nothing
            return
        hole = os.lseek(file, begin, os.SEEK_HOLE)
        if begin < end:
            yield begin, min(hole, end)
        begin = hole
