"""The frames of a backtrace that are of the code under test: neither the player's, which called it, nor what reports
its faults."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import gdb
from gdb.FrameDecorator import FrameDecorator

_KITS = re.compile(r"(^|/)(kernel/(player/|main\.cpp|start\.S|arch/exception)|labs/[^/]*/player\.cpp)")


class _Named(FrameDecorator):
    """A frame whose function is named as `frame` names it: without the types of its parameters."""

    def function(self) -> str | int | None:
        """GDB's: the name, or an address."""
        return self.inferior_frame().name() or super().function()

    def frame_args(self) -> list | None:
        """GDB's: the arguments, but for those of inlined functions that the compiler left no trace of: GDB 13 would
        say so by an exception of Python's in the middle of the line."""
        return [argument for argument in super().frame_args() or () if self._can_be_read(argument)] or None

    def _can_be_read(self, argument: object) -> bool:
        try:
            str(self.inferior_frame().read_var(argument.symbol()))
        except gdb.error:
            return False
        return True


class Filter:
    """`bt` ends where the player called; from within the player, it shows everything."""

    name = "marionette"
    priority = 100
    enabled = True

    def filter(self, every: Iterable[FrameDecorator]) -> Iterator[FrameDecorator]:
        """GDB's: the frames to show."""
        kits_own = []
        for frame in every:
            if not _is_kits(frame.inferior_frame()):
                yield _Named(frame)
                break
            kits_own.append(frame)
        else:
            yield from map(_Named, kits_own)
        for frame in every:
            if _is_kits(frame.inferior_frame()):
                return
            yield _Named(frame)


def register() -> None:
    """Makes GDB use it."""
    gdb.frame_filters[Filter.name] = Filter()


def under_test(frame: gdb.Frame | None) -> gdb.Frame | None:
    """The innermost frame from this one on that is of the code under test."""
    while frame and _is_kits(frame):
        frame = frame.older()
    return frame


def interrupted(frame: gdb.Frame) -> gdb.Frame:
    """The frame that an exception interrupted, from one that handles it."""
    while frame.type() != gdb.SIGTRAMP_FRAME:
        frame = frame.older()
    return frame.older()


def _is_kits(frame: gdb.Frame) -> bool:
    if frame.type() == gdb.SIGTRAMP_FRAME:
        return True
    table = frame.find_sal().symtab
    return bool(table and _KITS.search(table.filename))
