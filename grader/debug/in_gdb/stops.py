"""Where a person who lets the machine run comes to stand: at what stops an operation, and at the scenario's end."""

from __future__ import annotations

import re
from collections.abc import Callable

import gdb

from grader.debug.in_gdb import frames, machine

THE_END = "restart_kernel"  # where a scenario ends, in whatever way
_RESET = "SIGQUIT"  # what QEMU's stub says of a machine that shut itself down
# What GDB lets a machine run on by.
_GOING_ON = ("continue", "step", "stepi", "next", "nexti", "finish", "until", "advance", "jump")
_over: list[str] = []  # why nothing more will run, once that is so
_STOPPED = "report_stop"  # in kernel/player/stop.cpp, which says what it was
_HANG = "hang"  # what it says where the watchdog barked
_OF_A_LOOP = ("eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "esp", "eflags", "eip")


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
        if isinstance(event, gdb.SignalEvent) and event.stop_signal == _RESET:
            print(f"\n{answer()}\nThe machine reset itself: a triple fault, an exception that the CPU could not even report. "
                  "It stands as it was then.")
            _nothing_comes("the machine reset itself")

    gdb.events.stop.connect(stopped)
    _MayGoOn()
    for command in _GOING_ON:
        gdb.execute(f"define hook-{command}\n{_MayGoOn.NAME}\nend")


class _MayGoOn(gdb.Command):
    """What comes before a command that lets the machine run. (Of a command's error GDB shows a line, of another's a
    traceback.)"""

    NAME = "marionette-may-go-on"

    def __init__(self) -> None:
        super().__init__(self.NAME, gdb.COMMAND_OBSCURE)

    def invoke(self, argument: str, from_tty: bool) -> None:
        """GDB's: a command that lets the machine run was typed."""
        may_go_on()


def may_go_on() -> None:
    """Before a command that lets the machine run. Raises gdb.GdbError, which GDB shows, where nothing more comes."""
    if _over:
        raise gdb.GdbError(f"{_over[0]}: there is nothing left to run. `make gdb` again begins anew; `quit` leaves.")


def _nothing_comes(why: str) -> None:
    _over[:] = [why]


def _at_the_fault() -> None:
    """Says what it is, and selects the frame of who did it."""
    kind, message, facts = (gdb.parse_and_eval(name).string(errors="replace")
                            for name in ("kind", "message", "facts"))
    print(f"\n{kind}: {message}{re.split(' (?:memory|vector|top)=', facts)[0]}")
    if kind == _HANG:
        _back_into_the_loop()
    culprit = frames.under_test(gdb.newest_frame())
    if culprit:
        culprit.select()
    gdb.execute("frame")


def _back_into_the_loop() -> None:
    """Undoes that the watchdog barked: the machine stands in the loop, and can be led on in it."""
    interrupted = frames.interrupted(gdb.newest_frame())
    registers = {name: machine.number(interrupted.read_register(name)) for name in _OF_A_LOOP}
    gdb.execute("set variable reporting = false")  # of kernel/player/stop.cpp, where it stands
    for name, value in registers.items():
        gdb.execute(f"set ${name} = {value}")
    print("It stands in the loop. Nothing but Ctrl-C stops it another time.")


def _at_the_end(answer: Callable[[], str]) -> None:
    print(f"{answer()}\nThat was the last operation. The machine stands as it left it.")
    _nothing_comes("the scenario was played to its end")
