"""QEMU: boots a kernel image with a script and returns what came out of its serial port."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

from grader import build, executed, sandbox
from grader.errors import Infrastructure
from grader.inspector import Inspector
from grader.judge import Ending
from grader.snapshot import Snapshot

TSC_SHIFT = 9  # the time stamp counter advances by 2^9 for each instruction (-icount shift=9)
MEMORY = 32  # MiB
CPU_SECONDS = 20  # the backstop behind the kernel's own watchdog
WALL_SECONDS = 300  # the backstop behind that one: the host is to blame, not the kernel
EMULATOR_MEMORY = 8 << 30  # bytes of address space; the guest's memory is a part of it
MAX_OUTPUT = 8 << 20  # bytes of serial log

_PROGRAM = "qemu-system-i386"

# The fastest machine that has all the kernel needs. Determinism: instructions are the clock, and
# no host device or thread can be seen from inside.
_MACHINE = ["-accel", "tcg", "-M", "isapc", "-cpu", "qemu32,-apic", "-bios", "qboot.rom",
            "-nodefaults", "-no-user-config", "-display", "none", "-monitor", "none",
            "-no-reboot", "-icount", f"shift={TSC_SHIFT},sleep=off",
            "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
            "-device", "ib700", "-watchdog-action", "inject-nmi"]


# What the emulator itself may not ask of the host's kernel: to start programs, to change its rights.
_NO_SYSTEM_CALLS = ["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,"
                    "resourcecontrol=deny"]


@dataclass(frozen=True)
class Boot:
    """What is left of one boot."""

    log: bytes
    ending: Ending
    trace: bytes = b""  # QEMU's own log of CPU exceptions, where it was asked for
    snapshots: list[Snapshot] = field(default_factory=list)  # one for each stop
    foreign: str = ""  # code that ran and is not the image's, in words


def command(kernel: Path, memory: int = MEMORY) -> list[str]:
    """The command that boots a kernel, but for the serial port and the script."""
    return [program(), *_MACHINE, "-m", str(memory), "-kernel", str(kernel)]


def program() -> str:
    """QEMU's path. Raises Infrastructure if it isn't there."""
    path = shutil.which(_PROGRAM)
    if not path:
        raise Infrastructure(f"{_PROGRAM} is not installed. `make setup` installs it.")
    return path


def boot(image: Path, script: str, memory: int = MEMORY, trace: bool = False,
         inspect: bool = False) -> Boot:
    """Boots an image and waits for its end. `script` becomes the Multiboot module.

    `inspect` looks at the page tables whenever the kernel stops for it. Raises Infrastructure when
    the emulator could not do its work.
    """
    with tempfile.TemporaryDirectory(prefix="marionette-") as folder:
        # The guest sees the paths of kernel and script as they are given here: always the same.
        shutil.copyfile(build.stripped(image), Path(folder) / "kernel")
        (Path(folder) / "script").write_text(script, encoding="ascii")
        arguments = [*command(Path("kernel"), memory), *_NO_SYSTEM_CALLS, "-pidfile", "pid",
                     "-append", f"tsc-shift={TSC_SHIFT}", "-initrd", "script",
                     "-serial", "file:log", "-D", "trace",
                     "-d", ",".join([executed.LOG, *(["int", "cpu_reset"] if trace else [])])]
        inspector = Inspector(Path(folder), memory) if inspect else None
        status, errors = _run(arguments, folder, inspector)
        log, traced = _read(Path(folder) / "log"), _read(Path(folder) / "trace")
        return Boot(log, _ending(status, log, errors),
                    executed.without_code(traced)[-65536:] if trace else b"",
                    inspector.snapshots if inspector else [],
                    executed.foreign(traced, build.stripped(image)))


_under_way: set[subprocess.Popen] = set()
_stopped = threading.Event()


def stop_all() -> None:
    """Ends the boots under way, in whatever thread, and every later one as it begins."""
    _stopped.set()
    for process in list(_under_way):
        process.kill()


def _run(arguments: list[str], folder: str, inspector: Inspector | None) -> tuple[int, str]:
    """Runs the emulator to its end; its exit status, and what it complained of."""
    if inspector:
        arguments = arguments + inspector.arguments
    errors = Path(folder) / "errors"
    limits = sandbox.Limits(CPU_SECONDS, max(MAX_OUTPUT, inspector.ram_size if inspector else 0),
                            EMULATOR_MEMORY)
    if not sandbox.degraded():
        elsewhere = {} if arguments[0].startswith("/usr/") else {Path(arguments[0]): arguments[0]}
        box = sandbox.Box(elsewhere, {Path(folder): "/machine"}, "/machine")
        arguments = box.command(arguments)
    try:
        with errors.open("wb") as sink:
            process = subprocess.Popen(arguments, cwd=folder, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.DEVNULL, stderr=sink,
                                       preexec_fn=limits.apply,
                                       pass_fds=inspector.descriptors if inspector else ())
    except OSError as error:
        raise Infrastructure(f"{arguments[0]} can't be started: {error.strerror}") from error
    _under_way.add(process)
    try:
        if _stopped.is_set():
            process.kill()
        if inspector:
            inspector.watch()
        _wait_for(process, WALL_SECONDS)
    except TimeoutError:
        raise Infrastructure(f"the emulator made no end of it in {WALL_SECONDS} s, and used little "
                             "processor time: the machine is overloaded") from None
    finally:
        _under_way.discard(process)
        process.kill()
        process.wait()
    return (_signal_or_status(process.returncode, Path(folder)),
            _read(errors).decode("utf-8", "replace"))


def _signal_or_status(status: int, folder: Path) -> int:
    """As Popen has it: the exit status, or minus the signal that ended the emulator.

    A box makes signal N the status 128 + N, which a guest can choose, too; but an emulator that
    exits, for whatever reason, takes its pid file away.
    """
    if status > 128 and (folder / "pid").exists():
        return 128 - status
    return status


def _wait_for(process: subprocess.Popen, seconds: float) -> None:
    """Waits for a process to end: at once, where Popen.wait(timeout) sleeps up to 50 ms too long."""
    descriptor = os.pidfd_open(process.pid)
    try:
        if not select.select([descriptor], [], [], seconds)[0]:
            raise TimeoutError
    finally:
        os.close(descriptor)


def _ending(status: int, log: bytes, errors: str) -> Ending:
    if status == -signal.SIGXCPU:
        return Ending.CPU_TIME
    if len(log) >= MAX_OUTPUT or status == -signal.SIGXFSZ:
        return Ending.OUTPUT
    if status < 0:
        raise Infrastructure(f"the emulator was ended by signal {-status}: somebody killed it, or "
                             "the machine ran out of memory")
    if "terminating on signal" in errors:  # SIGTERM and the like: it says so, and exits with 0
        raise Infrastructure(f"somebody ended the emulator: {errors.strip()}")
    if status == 0:
        return Ending.RESET
    if status & 1 and log:
        return Ending.POWER_OFF
    raise Infrastructure(f"the emulator failed (status {status}): {errors.strip() or 'no message'}")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
