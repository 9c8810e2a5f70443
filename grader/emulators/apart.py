"""Scenarios apart: before each one of a boot the machine's memory is put back as it was before the first.

So each is played as in a boot of its own, for a tenth of the time. What the kernel keeps of one scenario for
the next are its own variables, which it sets anew itself (kernel/start.S).
"""

from __future__ import annotations

import os
from pathlib import Path

from grader.building import symbols
from grader.emulators.ram import LOADED_AT, touched


class Apart:
    """What becomes of the memory of one boot, whose file `ram` is."""

    def __init__(self, image: Path, ram: int) -> None:
        known = symbols.global_table(image)
        begin, end, image_end = (known[name] - known["image_start"] + LOADED_AT
                                 for name in ("writable_start", "writable_end", "image_end"))
        self._constant = ((LOADED_AT, begin), (end, image_end))
        self._others = ((0, LOADED_AT), (image_end, os.fstat(ram).st_size))
        self._ram = ram
        self._first: dict[tuple[int, int], bytes] = {}

    def put_back(self) -> bool:
        """Before each scenario: whether it begins as the first one did. It can't if something wrote over
        the kernel's code, its constants, or its copy of the variables' first values."""
        if not self._first:
            self._first = {part: os.pread(self._ram, part[1] - part[0], part[0])
                           for part in (*self._constant, *self._others)}
            return True
        for part in self._others:
            for begin, end in touched(self._ram, *part):
                was = self._first[part][begin - part[0]:end - part[0]]
                if os.pread(self._ram, end - begin, begin) != was:
                    os.pwrite(self._ram, was, begin)
        return all(os.pread(self._ram, end - begin, begin) == self._first[begin, end]
                   for begin, end in self._constant)
