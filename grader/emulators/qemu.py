"""QEMU: the machine that grades, unless another one is asked for."""

from __future__ import annotations

import re
import shutil
import signal
import tempfile
from collections.abc import Callable, Collection
from functools import partial
from itertools import groupby
from pathlib import Path

from grader.building import build, sandbox
from grader.emulators import machine
from grader.emulators.dealer import Script
from grader.emulators.machine import MAX_FILE, MAX_OUTPUT, MEMORY, Boot
from grader.emulators.ports import LogFile, Port, Ring
from grader.emulators.qmp import Attendant
from grader.errors import Infrastructure
from grader.evidence import executed, instructions
from grader.evidence.looks import Glances
from grader.judging.judge import Ending
from grader.scenarios import dealing

TSC_SHIFT = 9  # the time stamp counter advances by 2^9 for each instruction (-icount shift=9)
CPU_SECONDS = 20  # the backstop behind the kernel's own watchdog,
HURRIED_SECONDS = 3  # and where that watchdog was put out of action once
EMULATOR_MEMORY = 8 << 30  # bytes of address space; the guest's memory is a part of it

PROGRAM = "qemu-system-i386"
VERSION = [PROGRAM, "--version"]  # says which it is

# The fastest machine that has all the kernel needs. Determinism: instructions are the clock, and
# no host device or thread can be seen from inside; its calendar begins anew with each boot. The interrupt controller
# would hear twice of each byte that the serial port sends, and nobody hears the timer.
_MACHINE = ["-accel", "tcg", "-M", "isapc,pic=off,pit=off", "-cpu", "qemu32,-apic", "-bios", "qboot.rom",
            "-nodefaults", "-no-user-config", "-display", "none", "-monitor", "none",
            "-rtc", "base=2000-01-01T00:00:00",
            "-no-reboot", "-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
_COUNTING = f"shift={TSC_SHIFT},sleep=off"  # -icount
_RECORDED = "instructions"  # the file in which QEMU writes down how many there were
_WATCHDOG = ["-device", "ib700", "-watchdog-action", "inject-nmi"]

# How it ends for something that the guest did to it; when the host has no memory left, it says so otherwise.
_BY_ITSELF = (signal.SIGABRT, signal.SIGSEGV, signal.SIGFPE)
_COULD_NOT = re.compile(r"qemu: fatal: |Assertion `|assertion failed|should not be reached")

# What the emulator itself may not ask of the host's kernel: to start programs, to change its rights.
_NO_SYSTEM_CALLS = ["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,"
                    "resourcecontrol=deny"]


def command(kernel: Path, memory: int = MEMORY, recorded: bool = False, debugged: bool = False) -> list[str]:
    """The command that boots a kernel, but for the serial port and the script. A machine that is `debugged` is as old
    after a stop as before: any other passes at once, while its processor stands, to when its watchdog would bark."""
    counting = f"{_COUNTING},rr=record,rrfile={_RECORDED}" if recorded else _COUNTING
    counting = counting.replace("sleep=off", "sleep=on") if debugged else counting
    return [machine.program(PROGRAM), *_MACHINE, "-icount", counting, *_WATCHDOG,
            *([] if sandbox.unfiltered() else _NO_SYSTEM_CALLS), "-m", str(memory), "-kernel", str(kernel)]


def boot(image: Path, script: str, memory: int = MEMORY, trace: bool = False,
         inspect: bool = False, contents: int = 0, hurry: bool = False,
         watched: bool = True, apart: bool = False, data: bytes = b"",
         dealt: Glances | None = None, reached: bool = False, timely: bool = False) -> Boot:
    """Boots an image and waits for its end (machine.Emulator). Whether it ran nothing but the image is
    not asked of a boot that is not `watched`: that takes a third less. With `apart` each scenario of a script
    that says so begins as the first one did; where one can't, the boot ends. `data` becomes a second
    Multiboot module. A script is `dealt`, with glances at the memory or none, and instructions are counted outside of
    the machine; or it lies in memory as a whole. `reached` tells what ran, of a boot that is watched; `timely` sees
    that each record is out before what comes next is dealt."""
    with tempfile.TemporaryDirectory(prefix="marionette-") as name:
        folder = Path(name)
        there, portions = (script, []) if dealt is None else dealing.cut(script)
        modules = _lay_out(folder, image, there, data)
        logged = [*([executed.LOG] if watched else []), *(["int", "cpu_reset"] if trace else [])]
        arguments = [*command(Path("kernel"), memory, recorded=dealt is not None), "-pidfile", "pid",
                     "-append", f"tsc-shift={TSC_SHIFT}", "-initrd", modules,
                     "-D", "trace", *(["-d", ",".join(logged)] if logged else [])]
        marks: list[int] = []  # bytes of the trace before each scenario apart
        attend = partial(Attendant, memory=memory, inspect=inspect, contents=contents,
                         most=MAX_OUTPUT, stops=_stops(script), script=script, apart=image if apart else None,
                         dealt=None if dealt is None else (image, Script(portions, dealt)),
                         between=lambda: marks.append((folder / "trace").stat().st_size) if reached else None,
                         trace=(folder / "trace", image))
        attendant, log, ending, seconds = _heard(arguments, folder, attend, HURRIED_SECONDS if hurry else CPU_SECONDS,
                                                 marks, LogFile(folder) if timely else Ring())
        traced = machine.read(folder / "trace")
        if watched and log:
            _prove(traced, image)
        return Boot(log, ending, _triple_fault(traced) if trace else None, attendant.snapshots,
                    executed.foreign(traced, image) if watched else "",
                    attendant.dealer.dealt if attendant.dealer else None,
                    instructions.at_bytes(machine.read(folder / _RECORDED)),
                    executed.reached(traced, marks, image) if reached else (), seconds, attendant.executed)


def _heard(arguments: list[str], folder: Path, attend: Callable[[Port], Attendant], seconds: int,
           marks: list[int], port: Port) -> tuple[Attendant, bytes, Ending, float]:
    """Runs QEMU to its end: who attended it, what the serial port said, how it ended, and what processor time it took.
    Once more, with the log in a file, where some of that may have been lost: the same happens again."""
    attendant = attend(port)
    status, errors, took = _run(arguments, folder, attendant, seconds)
    if port.forgets and not attendant.whole and (attendant.ending or _may_have_lost_output(status)):
        marks.clear()
        port = LogFile(folder)
        attendant = attend(port)
        status, errors, more = _run(arguments, folder, attendant, seconds)
        took += more
    log = port.kept()[:MAX_OUTPUT]
    return attendant, log, attendant.ending or _ending(status, log, errors), took


def _prove(traced: bytes, image: Path) -> None:
    """Raises Infrastructure where a trace does not tell what ran."""
    if not executed.is_told(traced, image):
        raise Infrastructure(f"{PROGRAM} does not say which instructions it runs (-d {executed.LOG}): it can't be told "
                             "whether they are those of the image. Use another version of it")


def _lay_out(folder: Path, image: Path, script: str, data: bytes) -> str:
    """Puts what is booted into a folder; the names of the Multiboot modules. The guest sees the paths as they are
    given here: always the same."""
    shutil.copyfile(build.stripped(image), folder / "kernel")
    (folder / "script").write_text(script, encoding="ascii")
    if not data:
        return "script"
    (folder / "data").write_bytes(data)
    return "script,data"


def trace(image: Path, script: str, folder: Path, addresses: Collection[int]) -> bytes:
    """Boots an image in a folder, and returns what QEMU writes down (-d exec) when the CPU comes to one of some
    addresses, which functions begin at."""
    modules = _lay_out(folder, image, script, b"")
    passing = ",".join(f"{address:#x}+1" for address in sorted(addresses))
    arguments = [*command(Path("kernel")), "-append", f"tsc-shift={TSC_SHIFT}", "-initrd", modules,
                 "-serial", "null", "-d", "exec,nochain", "-dfilter", passing, "-D", "trace"]
    machine.run(arguments, folder, sandbox.Limits(CPU_SECONDS, MAX_FILE, EMULATOR_MEMORY))
    return machine.read(folder / "trace")


def _stops(script: str) -> int:
    """How often the kernel stops for a script: to be looked at, between scenarios, and at its end."""
    return len(re.findall(r"^(?:inspect|scenario)\b", script, re.MULTILINE)) + 1


def _run(arguments: list[str], folder: Path, attendant: Attendant,
         seconds: int) -> machine.Done:
    """Runs QEMU to its end; the status is minus a signal where one ended it."""
    limits = sandbox.Limits(seconds, max(MAX_FILE, attendant.ram_size), EMULATOR_MEMORY)
    done = machine.run([*arguments, *attendant.arguments], folder, limits, attendant.watch,
                       descriptors=attendant.descriptors)
    return done._replace(status=_signal_or_status(done.status, folder))


def _may_have_lost_output(status: int) -> bool:
    """Whether an emulator that ended by itself had time to say something that nobody heard.

    One that ran out of processor time was heard until a moment before that.
    """
    return status >= 0 or -status in (signal.SIGABRT, signal.SIGXFSZ)


def _signal_or_status(status: int, folder: Path) -> int:
    """As Popen has it: the exit status, or minus the signal that ended the emulator.

    A box makes signal N the status 128 + N, which a guest can choose, too; but an emulator that
    exits, for whatever reason, takes its pid file away.
    """
    if status > 128 and (folder / "pid").exists():
        return 128 - status
    return status


def _ending(status: int, log: bytes, errors: str) -> Ending:
    if status == -signal.SIGXCPU:
        return Ending.CPU_TIME
    if len(log) >= MAX_OUTPUT or status == -signal.SIGXFSZ:
        return Ending.OUTPUT
    if -status in _BY_ITSELF and (status != -signal.SIGABRT or _COULD_NOT.search(errors)):
        return Ending.GAVE_UP
    if status < 0:
        raise machine.killed(-status)
    if "terminating on signal" in errors:  # SIGTERM and the like: it says so, and exits with 0
        raise Infrastructure(f"somebody ended the emulator: {errors.strip()}")
    if status == 0:
        return Ending.RESET
    if status & 1 and log:
        return Ending.POWER_OFF
    raise Infrastructure(f"the emulator failed (status {status}): {errors.strip() or 'no message'}")


# An exception that is not one of an exception.
_BEGINS = re.compile(rb"check_exception old: 0xffffffff.*?\bpc=([0-9a-f]+)", re.DOTALL)


def _triple_fault(trace: bytes) -> int | None:
    """The address of the instruction that began the chain of faults in which a boot ended.

    `trace` is what QEMU writes with -d int,cpu_reset. Where the kernel's own handler is mapped no more, it faults again
    and again until the stack is full: then it is the one that was to be handled.
    """
    trace = executed.without_code(trace)
    end = trace.rfind(b"Triple fault")
    begun = [(int(address, 16), len(list(same))) for address, same in
             groupby(_BEGINS.findall(trace, 0, end) if end >= 0 else ())]
    is_handler = len(begun) > 1 and begun[-1][1] > 1
    return begun[-2 if is_handler else -1][0] if begun else None
