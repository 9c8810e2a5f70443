"""Where a person who lets the machine run comes to stand: at what stops an operation, and at the scenario's end."""

from __future__ import annotations

from collections.abc import Callable

import gdb

from grader.debug.in_gdb import frames

THE_END = "restart_kernel"  # where a scenario ends, in whatever way
_STOPPED = "report_stop"  # in kernel/player/stop.cpp, which says what it was


class _Stop(gdb.Breakpoint):
    """A breakpoint that stays; where it stops is said by `said`. In hardware: see machine.breakpoint_at."""

    def __init__(self, function: str, said: Callable[[], None]) -> None:
        super().__init__(function, gdb.BP_HARDWARE_BREAKPOINT, internal=True)
        self.silent = True
        self.said = said


def register(answer: Callable[[], str]) -> None:
    """Makes GDB stop there. `answer` says what came of the operation under way."""
    kept = [_Stop(_STOPPED, _at_the_fault), _Stop(THE_END, lambda: _at_the_end(answer))]

    def stopped(event: gdb.StopEvent) -> None:
        for stop in kept if isinstance(event, gdb.BreakpointEvent) else ():
            if stop in event.breakpoints:
                stop.said()

    gdb.events.stop.connect(stopped)


def _at_the_fault() -> None:
    """Says what it is, and selects the frame of who did it."""
    kind, message, facts = (gdb.parse_and_eval(name).string(errors="replace")
                            for name in ("kind", "message", "facts"))
    print(f"\n{kind}: {message}{facts.split(' vector')[0]}")
    culprit = frames.under_test(gdb.newest_frame())
    if culprit:
        culprit.select()
    gdb.execute("frame")


def _at_the_end(answer: Callable[[], str]) -> None:
    print(f"{answer()}\nThat was the last operation. The machine stands as it left it.")
