"""Bochs: the second opinion. A whole PC from its reset on: BIOS, GRUB, then the kernel, from a CD.

docs/emulators.md says what differs from QEMU.
"""

from __future__ import annotations

import functools
import re
import signal
import subprocess
import tempfile
from pathlib import Path

from grader.building import build, iso, sandbox, symbols
from grader.emulators import machine
from grader.emulators.bochs_debugger import Debugger
from grader.emulators.machine import MAX_FILE, MAX_OUTPUT, MEMORY, Boot
from grader.errors import Infrastructure
from grader.judging.judge import Ending

PROGRAM = "bochs-bin"
VERSION = [PROGRAM, "--help", "cpu"]  # says which it is
ROMS = Path("/usr/share/bochs")
INSTRUCTIONS = 2_000_000_000  # a boot may take: the backstop behind the kernel's own watchdog
CPU_SECONDS = 120  # the backstop behind that one
STOPS_AT = "stopped_for_inspection"  # in the kernel
SWITCHED_OFF = "Shutdown port"  # what it complains of at the kernel's own wish

# Bochs's clock is the number of instructions: the kernel's watchdog is the PC's clock.
OPTIONS = "tsc-shift=0 watchdog=clock"

# The BIOS without ACPI leaves all of the RAM to the kernel, as QEMU's does. A second has 8 million
# instructions: the watchdog barks every half of one, as seldom as QEMU's.
_CONFIGURATION = """\
display_library: {display}
romimage: file={roms}/BIOS-bochs-legacy, options=fastboot
vgaromimage: file={roms}/VGABIOS-lgpl-latest
plugin_ctrl: speaker=0, gameport=0, parallel=0, iodebug=0
megs: {memory}
cpu: count=1, ips=8000000, reset_on_triple_fault=0
clock: sync=none, time0=946684800
ata0-master: type=cdrom, path=cd.iso, status=inserted
boot: cdrom
com1: enabled=1, mode=file, dev=log
log: messages
panic: action=fatal
error: action=ignore
info: action=ignore
debug: action=ignore
"""


def prepare(folder: Path, image: Path, script: str, memory: int, options: str,
            display: str = "term") -> list[str]:
    """Lays out a folder for a boot: the CD, bochsrc. Returns the command that boots there, with the debugger."""
    program = machine.program(PROGRAM)
    missing = [name for name in re.findall(r"{roms}/([\w-]+)", _CONFIGURATION)
               if not (ROMS / name).exists()]
    if missing:
        raise Infrastructure(f"{ROMS}/{missing[0]} is missing. `make setup` installs it.")
    iso.write(folder / "cd.iso", build.stripped(image), options, script)
    (folder / "bochsrc").write_text(_CONFIGURATION.format(roms=ROMS, memory=memory, display=display))
    return [program, "-q", "-f", "bochsrc", *_debugger_wanted(program)]


@functools.cache
def _debugger_wanted(program: str) -> list[str]:
    """The option that the debugger has to be asked for with, where there is one: from Bochs 3.0 on."""
    done = subprocess.run([program, "--help"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace",
                          timeout=sandbox.BACKSTOP, check=False)
    return ["-debugger"] if re.search(r"^ *-debugger\b", done.stdout, re.MULTILINE) else []


def boot(image: Path, script: str, memory: int = MEMORY, trace: bool = False,
         inspect: bool = False, contents: int = 0, hurry: bool = False,
         watched: bool = True) -> Boot:
    """Boots an image and waits for its end (machine.Emulator). It costs nothing to ask for a trace;
    the memory's contents and the code that ran are not to be had, and it counts instructions, not time."""
    del trace, contents, hurry, watched
    with tempfile.TemporaryDirectory(prefix="marionette-") as name:
        folder = Path(name)
        command = prepare(folder, image, script, memory, OPTIONS)
        stop = symbols.table(image)[STOPS_AT] if inspect else None
        with Debugger(stop, memory << 20, folder / "log", INSTRUCTIONS) as debugger:
            status, errors, _ = machine.run(
                [*command, *debugger.arguments], folder, sandbox.Limits(CPU_SECONDS, MAX_FILE),
                debugger.watch, debugger.stdin, debugger.descriptors, {"TERM": "xterm"})
        log = machine.read(folder / "log")
        problem = complaint(folder, errors)
        if log and not debugger.answered:
            raise Infrastructure("Bochs's debugger does not answer, so the machine could not be looked at")
        ending = (Ending.CPU_TIME if debugger.hung else Ending.RESET if debugger.shut_down
                  else _ending(status, log, problem))
        return Boot(log, ending, debugger.last if ending is Ending.RESET else None,
                    debugger.snapshots)


def complaint(folder: Path, errors: str = "") -> str:
    """What Bochs gave up for, which it does at the kernel's own wish, too; if it has said nothing of that,
    the last of its `errors`."""
    said = machine.read(folder / "messages").decode("utf-8", "replace") + errors
    return (re.findall(r">>PANIC<< (.*)", said) or errors.strip().splitlines() or [""])[-1]


def _ending(status: int, log: bytes, problem: str) -> Ending:
    number = 128 - status if status > 128 else status  # a box makes signal N 128 + N
    if number == -signal.SIGXCPU:
        return Ending.CPU_TIME
    if len(log) >= MAX_OUTPUT or number == -signal.SIGXFSZ:
        return Ending.OUTPUT
    if number < 0:
        raise machine.killed(-number)
    if problem.startswith(SWITCHED_OFF):
        return Ending.POWER_OFF
    if "exception with no resolution" in problem:
        return Ending.RESET
    if log:
        return Ending.GAVE_UP
    raise Infrastructure(f"Bochs failed (status {status}): {problem or 'no message'}")
