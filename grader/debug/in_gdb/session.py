"""The beginning of a session: goes to the moment, and says where it is."""

from __future__ import annotations

import contextlib
from pathlib import Path

import gdb

from grader.debug.in_gdb import commands, frames, machine, printers, stops
from grader.debug.moment import NOT_THEIRS, Moment

_QUIT = f"define hook-quit\npython import {__name__}; {__name__}.leave()\nend"
_HELP = "The kit's own commands: operation, play, walk ADDRESS, xp ADDRESS (`help walk` and so on)."


_SETTINGS = ("confirm off", "pagination off", "architecture i386", "print pretty on",
             "suppress-cli-notifications on")
_LIBRARY = "/usr/*"  # `step` does not go into what the compiler brought


def begin(work: str) -> None:
    """Connects to the emulator and runs it to the moment; `work` is the folder of both."""
    folder = Path(work)
    moment = Moment.load(folder / "moment.json")
    for setting in _SETTINGS:
        gdb.execute(f"set {setting}", to_string=True)
    for source in moment.sources:
        gdb.execute(f"directory {source}", to_string=True)
    gdb.execute(f"target remote {folder / 'gdb'}", to_string=True)
    gdb.execute(f"skip -gfile {_LIBRARY}", to_string=True)
    printers.register()
    frames.register()
    commands.Operation(moment)
    answers = commands.Answers(folder / "log")
    commands.Play(answers)
    commands.Walk()
    commands.Physical()
    _go_to(moment)
    stops.register(answers)
    gdb.execute(_QUIT)
    gdb.execute("set suppress-cli-notifications off")
    print(_HELP)


def _go_to(moment: Moment) -> None:
    """Runs to the operation, and to the function of the student's that it calls, if any; says where that is."""
    commands.run_to(commands.before_operation(moment.operation), commands.breakpoint_at(stops.THE_END))
    if gdb.newest_frame().name() == stops.THE_END:
        print(f"{moment.headline}\nOperation {moment.operation} is never come to: operation {machine.operation()} ended "
              "the scenario.")
        return
    print("\n".join(moment.listing(moment.operation)))
    if moment.calls:
        commands.run_to(commands.breakpoint_at(moment.calls))
        gdb.execute("frame")
    else:
        print(NOT_THEIRS)


def leave() -> None:
    """Lets go of the machine, if it is still there. Detaching, which `quit` would do, lets it run on,
    and maybe end while GDB talks to it."""
    with contextlib.suppress(gdb.error):
        gdb.execute("disconnect", to_string=True)
