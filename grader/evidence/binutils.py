"""The binutils of the compiler that the kit was built with: CROSS= says what their names begin with. One program reads
images of one compiler only."""

from __future__ import annotations

_prefix = "i686-linux-gnu-"


def are_called(prefix: str) -> None:
    """Says what their names begin with: grader/building/toolchain.py, when it learns of a compiler."""
    global _prefix
    _prefix = prefix


def program(name: str) -> str:
    """What `nm`, say, is called."""
    return _prefix + name
