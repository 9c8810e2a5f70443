"""The beginning of a session: goes to the moment, and says where it is."""

from __future__ import annotations

import contextlib
from pathlib import Path

import gdb

from grader.debug.in_gdb import commands, printers
from grader.debug.moment import Moment

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
    commands.Operation(moment)
    commands.Play(folder / "log")
    commands.Walk()
    commands.Physical()
    commands.run_to(commands.before_operation(moment.operation))
    print("\n".join(moment.listing(moment.operation)))
    if moment.calls_student:
        commands.run_to(*map(commands.breakpoint_at, moment.functions), commands.before_operation())
        gdb.execute("frame")
    else:
        print("It calls nothing of the student's: this is just before it, in the player.")
    gdb.execute(_QUIT)
    gdb.execute("set suppress-cli-notifications off")
    print(_HELP)


def leave() -> None:
    """Lets go of the machine, if it is still there. Detaching, which `quit` would do, lets it run on,
    and maybe end while GDB talks to it."""
    with contextlib.suppress(gdb.error):
        gdb.execute("disconnect", to_string=True)
