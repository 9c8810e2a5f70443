"""Bochs's own debugger in this terminal, standing at the moment that was asked for."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from grader.building import symbols
from grader.debug import calls, terminal
from grader.debug.moment import NOT_THEIRS, Moment
from grader.debug.target import Target
from grader.emulators import bochs, machine
from grader.errors import Infrastructure
from grader.evidence import records

# Without a watchdog: who looks for an endless loop wants to be in it.
_OPTIONS = "tsc-shift=0"
_SHOWN = 8  # of the last lines that the kernel wrote
_PLUGINS = Path("/usr/lib")

# What helps in every lab; the lab's own lines (`bochs` in lab.toml) come behind.
_GUIDE = (
    ("s, s 100, n", "one instruction, or 100; n goes over a call"),
    ('lb "FUNCTION", c', "run on to the next call of a function; blist, d 1: see, delete breakpoints"),
    ("Ctrl-C", "stops what runs, an endless loop for one"),
    ("r, bt", "the registers; who called whom"),
    ("x /6wx esp", "where a function begins: the return address, then its arguments"),
    ("u /20 eip", "the next 20 instructions"),
    ('info symbols "PREFIX"', "what has a name that begins like that; a name stands for its address"),
)


def run(target: Target) -> int:
    """Opens Bochs until the person leaves it, or the scenario is over; 0 if it came to the moment."""
    with tempfile.TemporaryDirectory(prefix="marionette-") as name:
        folder = Path(name)
        command = bochs.prepare(folder, target.stage.image.resolve(), target.script, machine.MEMORY,
                                _OPTIONS, _display())
        (folder / "symbols").write_text(_symbols(target.stage.image))
        (folder / "rc").write_text("\n".join(_way(target)) + "\n")
        print("\n".join(_introduction(target)), flush=True)
        with (folder / "errors").open("wb") as errors:
            terminal.run([*command, "-rc", "rc"], cwd=folder, stderr=errors,
                         env={"TERM": "xterm", **os.environ})
        return _farewell(folder)


def _introduction(target: Target) -> list[str]:
    """The story so far, and what can be asked at the prompt."""
    moment = Moment.of(target)
    every = [*_GUIDE, *target.lab.bochs, ("q", "leaves")]
    width = max(len(command) for command, _ in every)
    return [*moment.listing(target.operation), *([] if target.calls else [NOT_THEIRS]), "",
            "At Bochs's prompt (`help` lists everything):",
            *(f"  {command:<{width}}  {meaning}" for command, meaning in every), "",
            "Bochs boots, by BIOS and GRUB …"]


def _symbols(image: Path) -> str:
    """The functions and variables as Bochs's ldsym takes them, under the names that people use."""
    return "".join(f"{address:08x} {name}\n"
                   for name, address in symbols.readable(image).items())


def _way(target: Target) -> list[str]:
    """The commands that lead to the moment: to the player's call of the operation, and from there to
    the student's own function if it calls one."""
    stops = [f'lb "{calls.MARK}" if "*(esp+4)=={target.operation}"', "c", "d 1"]
    if target.calls:
        stops += [f'lb "{target.calls}"', "c", "d 2"]
    return ['ldsym global "symbols"', *stops, "x /6wx esp"]


def _display() -> str:
    """A window where there is a display that Bochs has a plugin for; else the terminal is enough."""
    if os.environ.get("DISPLAY"):
        for name in "x", "sdl2":
            if any(_PLUGINS.glob(f"*/bochs/plugins/libbx_{name}_gui.so")):
                return name
    return "term"


def _farewell(folder: Path) -> int:
    """Says how it ended, and what the kernel wrote last. Raises Infrastructure if it never began."""
    log = machine.read(folder / "log")
    if not log:
        errors = machine.read(folder / "errors").decode("utf-8", "replace")
        raise Infrastructure(f"Bochs did not come to the kernel: {bochs.complaint(folder, errors) or 'no message'}"
                             + (" (`DISPLAY= make bochs …` does without a window)"
                                if _display() != "term" else ""))
    whole = log[:log.rfind(b"\n") + 1]  # the last bytes may still be on their way
    lines = [records.printable(line) for line in whole.splitlines() if line]
    print("\nThe kernel wrote, at last:", *(f"  {line}" for line in lines[-_SHOWN:]), sep="\n")
    if problem := bochs.complaint(folder):
        print("The scenario came to its end, and the kernel switched the machine off."
              if problem.startswith(bochs.SWITCHED_OFF) else f"Bochs gave up: {problem}")
    return 0
