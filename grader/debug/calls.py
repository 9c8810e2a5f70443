"""Which of the student's functions an operation calls: known from what ran, once, in QEMU.

QEMU writes down each time the CPU comes to one of some addresses (`-d exec`): the player's mark, which every
operation passes once, and the functions of the contract that the student's files define.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Collection
from pathlib import Path

from grader.building import build, gate, symbols
from grader.building.stage import Built
from grader.emulators import qemu

MARK = "about_to_play"  # in kernel/player/player.cpp

# What was come to; or that the last of these was not carried out, after all, and will be come to again.
_LOGGED = re.compile(rb"^Trace \d+: \S+ \[[0-9a-f]+/([0-9a-f]+)/|^Stopped execution of TB chain", re.MULTILINE)


def first_of(operation: int, built: Built, script: str, toolchain: build.Toolchain) -> str:
    """The function that an operation (from 1) of a script with one scenario calls first, as its source names it;
    "" if none of the student's."""
    known = symbols.global_table(built.image)
    functions = {known[symbol]: symbol for symbol in _contract(built, toolchain)}
    number = 0
    for address in _passed(built.image, script, {known[MARK], *functions}):
        if address == known[MARK]:
            number += 1
        elif number == operation:
            [name] = gate.demangled([functions[address]], toolchain.tools)
            return name.split("(")[0]
    return ""


def _contract(built: Built, toolchain: build.Toolchain) -> list[str]:
    """The symbols that the student's files define."""
    return [symbol for reference in toolchain.reference if Path(reference).stem + ".cpp" in built.sources
            for symbol in build.contract(reference, toolchain.tools)]


def _passed(image: Path, script: str, addresses: Collection[int]) -> list[int]:
    """Those of some addresses that a boot comes to, in order, each time anew."""
    with tempfile.TemporaryDirectory(prefix="marionette-") as name:
        passed: list[int] = []
        for match in _LOGGED.finditer(qemu.trace(image, script, Path(name), addresses)):
            if match[1]:
                passed.append(int(match[1], 16))
            elif passed:
                passed.pop()
        return passed
