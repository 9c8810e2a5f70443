"""Attending a boot in QEMU over QMP: reading its serial port, and looking at its memory at each stop."""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import re
import select
import socket
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from grader.building import sandbox
from grader.emulators.apart import Apart
from grader.emulators.dealer import Dealer, Script
from grader.emulators.ports import Port
from grader.emulators.ram import touched
from grader.emulators.silence import Silence
from grader.errors import Infrastructure, printable
from grader.evidence import executed
from grader.evidence.snapshot import Snapshot
from grader.judging.judge import Ending

_GLANCE = 0.2  # seconds between two readings of the serial port while nothing happens
_HALTED = 5  # such glances at a halted CPU, also with others between: a second
_MOST_SNAPSHOTS = 96 << 20  # bytes of one boot's
_FOR_A_STOP = 3  # events of the machine's own: see kernel/arch/inspection.cpp
_TICKS = 1 << 12  # of the watchdog: an event each, and a boot's processor time has not room for as many

_OURS = ("STOP", "RESUME")  # events of our own making: nothing has happened

_ASKS_IN_VAIN = "untimely questions"  # no event of QEMU's

_PASSES = 4_000_000  # instructions, which a stop may seem to have taken: as long as the watchdog has to its next look
_LAST, _BETWEEN = 1, 2  # what a stop is for: how often it was told before

_IS_HALTED = "HLT=1"
_REGISTER = re.compile(r"\b(CR[034]|IDT)= *([0-9a-f]+)")


class _Nowhere(Exception):
    """The machine runs where no memory is."""


class Attendant:
    """One boot's. Pass `arguments` and `descriptors` to the emulator, then
    `watch` until it ends.

    `log` is what the serial port said, `whole` whether that is surely all. With `inspect` every stop of the machine for
    a look is a snapshot, which keeps so many bytes (`contents`) of the memory. Where scenarios are to be `apart`, that
    is the image that is booted, and `between` is called before each. The scenarios ask for so many `stops`, and the
    `script` tells how long it may be without a word. What is `dealt` is an image's script. `executed` is at most how many
    instructions it took to the last stop, 0 if there was none. If it was ended for something that the guest did, `ending`
    says for what. The `trace` is the file in which it writes down what it runs, and of which image.
    """

    def __init__(self, port: Port, memory: int, inspect: bool, contents: int, most: int, stops: int, script: str = "",
                 apart: Path | None = None, dealt: tuple[Path, Script] | None = None,
                 between: Callable[[], None] | None = None, trace: tuple[Path, Path] | None = None) -> None:
        self.log = b""
        self.whole = False
        self.ending: Ending | None = None
        self.snapshots: list[Snapshot] = []
        self.executed = 0
        self.ram_size = memory << 20 if inspect or apart or dealt else 0
        self._port = port
        self._inspect = inspect
        self._contents = contents
        self._silence = Silence(script, dealt is not None)
        self._most = most  # bytes of log, and the emulator is ended
        self._left = _FOR_A_STOP * (stops + 2)  # events that it may have: one stop too many is found out by the log
        self._ticks_left = _TICKS
        self._halted = 0  # glances that saw it so
        self._seen = 0  # bytes of snapshots
        self._stops = 0  # so far
        self._events: deque[str] = deque()  # not yet answered
        self._told = 0  # crash_loaded, so many times since the last stop (kernel/arch/inspection.cpp)
        self._lines: deque[bytes] = deque()  # received, and not read yet
        self._rest = b""  # of a line that is still to come
        self._between = between
        self._trace = trace
        self._connect(apart, dealt)

    def _connect(self, apart: Path | None, dealt: tuple[Path, Script] | None) -> None:
        """What the emulator is to be called with, and what is listened to then."""
        self._ours, self._theirs = socket.socketpair()
        self.descriptors = (self._theirs.fileno(),)
        self.arguments = [
            *self._port.arguments,
            "-device", "pvpanic", "-action", "panic=pause,shutdown=pause",
            "-chardev", f"socket,id=qmp,fd={self._theirs.fileno()}",
            "-mon", "chardev=qmp,mode=control",
            "-S",  # until somebody listens: events before that are lost
        ]
        if self.ram_size:
            self._share_memory()
        self._apart = Apart(apart, self._file.fileno()) if apart else None
        self.dealer = Dealer(*dealt, self._file.fileno(), self._ram, self._port.sent) if dealt else None
        self._poll = select.poll()
        self._poll.register(self._ours, select.POLLIN)
        if self.dealer:
            self._poll.register(self.dealer.questions, select.POLLIN)
            self.descriptors += (self.dealer.descriptor,)
            self.arguments += self.dealer.arguments

    def _share_memory(self) -> None:
        """Has the machine's memory in a file without a place in any file system: on a disk, a page that is
        touched first would cost several times as much."""
        self._file = open(os.memfd_create("ram"), "wb")
        self._file.truncate(self.ram_size)
        self._ram = mmap.mmap(self._file.fileno(), self.ram_size, access=mmap.ACCESS_READ)
        self.descriptors += (self._file.fileno(),)
        self.arguments += ["-M", "isapc,memory-backend=ram", "-object",
                           f"memory-backend-file,id=ram,size={self.ram_size},share=on,"
                           f"mem-path=/proc/self/fd/{self._file.fileno()}"]

    def watch(self) -> bool:
        """Reads the serial port and answers every stop, until the emulator ends: true if somebody has to end it, for it
        hears nobody. Raises TimeoutError where it makes no end of it, however little processor time it has had."""
        self._theirs.close()
        began = time.monotonic()
        try:
            with self._ours:
                self.command("qmp_capabilities")
                if self.dealer:
                    self.dealer.started()
                self.command("cont")
                while time.monotonic() - began < sandbox.BACKSTOP:
                    if (event := self._event()) not in _OURS:
                        self._answer(event)
                raise TimeoutError
        except (BrokenPipeError, ConnectionResetError, EOFError):
            return False  # it ended while being talked to
        except _Nowhere:
            self.ending = Ending.NOWHERE
            return True
        finally:
            if self.dealer:
                self.dealer.end()

    def _answer(self, event: str) -> None:
        """What an event asks for. Before a stop the machine may say that it is the last, or, said twice,
        that it is between scenarios."""
        if event == "WATCHDOG":
            self._ticks_left -= 1
        else:
            self._left -= bool(event)
        if min(self._left, self._ticks_left) < 0:
            self._quit(Ending.EVENTS)
        elif event == _ASKS_IN_VAIN:
            self._quit(Ending.QUESTIONS)
        elif event == "GUEST_CRASHLOADED":
            self._told += 1
        else:
            self.log = self._port.said(self.command)
            if len(self.log) >= self._most or event == "SHUTDOWN":  # a reset
                self._quit()
            elif event == "GUEST_PANICKED":
                self._stopped()
            elif self._is_silent():
                self._quit(Ending.WORDLESS)
            elif not event:
                self._glance()

    def _is_silent(self) -> bool:
        """Whether the machine executed so much without a word that nothing more is to be expected of it."""
        questions = len(self.dealer.dealt.records) if self.dealer else 0
        return self._silence.is_too_long(self.log, questions, self._instructions())

    def _instructions(self) -> int:
        """How many the machine has executed."""
        try:
            return int(self.command("query-replay")["icount"])
        except (LookupError, TypeError, ValueError):
            raise Infrastructure("the emulator does not say how many instructions it executed") from None

    def _glance(self) -> None:
        """Ends a machine that waits for nothing: it uses no processor time, so that no limit ever ends it. The
        kernel halts the CPU when it is switched off, and never before: one that is woken now and then waits, too."""
        text = self.command("human-monitor-command", {"command-line": "info registers"})
        self._halted += _IS_HALTED in str(text)
        if self._halted >= _HALTED:
            self._quit(Ending.STANDS_STILL)

    def _stopped(self) -> None:
        told, self._told = self._told, 0
        self._stops += 1
        self.whole = told == _LAST
        self.executed = self._instructions() + _PASSES * self._stops if self.whole else 0
        if told == _BETWEEN and self._between:
            self._between()
        if told == _BETWEEN and self._apart and not self._apart.put_back():
            self._quit()  # as after a reset: the others need a boot that is not damaged
            return
        if self._inspect and not told:
            self._look()
        if self._seen > _MOST_SNAPSHOTS:
            self._quit(Ending.SNAPSHOTS)
            return
        self.command("cont")

    def _quit(self, ending: Ending | None = None) -> None:
        """Ends the emulator: where nothing is given, as if it had ended by itself."""
        self.whole, self.ending = True, ending
        self.command("quit")

    def _look(self) -> None:
        text = self.command("human-monitor-command", {"command-line": "info registers"})
        registers = {name: int(value, 16) for name, value in _REGISTER.findall(text)}
        with memoryview(self._ram) as ram:
            before = self.dealer.memory if self.dealer else None
            self.snapshots.append(
                Snapshot.of(registers, before, len(self.log), self._contents, self.dealer.dealt.pages) if before else
                Snapshot.take(registers, ram, len(self.log), self._contents,
                              touched(self._file.fileno(), 0, self._contents)))
        if self.dealer:
            self.dealer.memory = None
        self._seen += self.snapshots[-1].size

    def command(self, name: str, arguments: dict | None = None):
        """Sends a command and returns what it answers; events that come first are kept."""
        request = {"execute": name, **({"arguments": arguments} if arguments else {})}
        # Short, for the emulator reads it byte by byte, with half a dozen system calls for each.
        self._ours.sendall(json.dumps(request, separators=(",", ":")).encode() + b"\n")
        while not (answer := self._message(sandbox.BACKSTOP)).keys() & {"return", "error"}:
            if not answer:
                raise TimeoutError
        if "error" in answer:
            raise Infrastructure(f"the emulator does not obey `{name}`: {printable(json.dumps(answer['error']), 200)}")
        return answer["return"]

    def _event(self) -> str:
        """The next event; empty if there is none for a while."""
        if not self._events:
            self._message(_GLANCE)
        return self._events.popleft() if self._events else ""

    def _readable_by(self, end: float) -> bool:
        """Whether the emulator says something by then. Until it does, its questions are answered: a machine that
        waits for the dealer keeps its emulator from everything else."""
        while (left := end - time.monotonic()) > 0:
            ready = self._poll.poll(min(left, _GLANCE) * 1000)
            if not ready:
                self._check_trace()
                continue
            if ready[0][0] == self._ours.fileno() or len(ready) > 1:
                return True
            # At the emulator's end there is nothing to read any more: that is no question.
            if not ready[0][1] & select.POLLIN:
                self._poll.unregister(self.dealer.questions)
            elif not self.dealer.answer():
                self._poll.unregister(self.dealer.questions)
                self.dealer.hang_up()
                self._events.append(_ASKS_IN_VAIN)
        return False

    def _check_trace(self) -> None:
        """Raises _Nowhere for a machine that runs where no memory is: its emulator fetches one instruction at a time,
        and hears nobody."""
        file, image = self._trace or (None, None)
        if file and file.exists() and executed.is_astray(file.read_bytes(), image):
            raise _Nowhere

    def _message(self, seconds: float) -> dict:
        """The next message; empty if none comes in time. An event is noted."""
        end = time.monotonic() + seconds
        while not self._lines:
            if not self._readable_by(end):
                return {}
            more = self._ours.recv(1 << 20)
            if not more:
                raise EOFError
            *lines, self._rest = (self._rest + more).split(b"\n")
            self._lines.extend(lines)
        message = _message_in(self._lines.popleft())
        if "event" in message:
            self._events.append(str(message["event"]))
        return message


def _message_in(line: bytes) -> dict:
    """Raises Infrastructure for a line that is no message."""
    with contextlib.suppress(ValueError, RecursionError):
        if isinstance(message := json.loads(line), dict):
            return message
    raise Infrastructure(f"the emulator says what nobody understands: {printable(line.decode('utf-8', 'replace'), 80)}")
