"""Bochs's own debugger, as a program talks to it: commands into its standard input, answers out of its
log. Looks at page tables whenever the kernel stops for that."""

from __future__ import annotations

import os
import re
import select
import struct
from pathlib import Path

from grader.building import sandbox
from grader.errors import Infrastructure
from grader.evidence.snapshot import Snapshot

_REGISTER = re.compile(r"^ *(CR[034])\s*[=:]\s*0x([0-9a-f]+)", re.MULTILINE | re.IGNORECASE)
_WORDS = re.compile(r"^ *0x[0-9a-f]+\s*:((?:\s*\b[0-9a-f]{8}\b)+)\s*$", re.MULTILINE | re.IGNORECASE)
_INSTRUCTION = re.compile(r" [0-9a-f]{4}:0*([0-9a-f]{8}) \(")
_PAGE = struct.Struct(">1024I")
_STOPPED = re.compile(r"^(?!c?$).*\n", re.MULTILINE)  # a line that is more than the echo of `c`: while it runs there is none
_ANSWERED = "0x5eed"  # a number that the debugger is asked to repeat, so that its answers have an end


class Debugger:
    """One boot's, to be used in a `with`. Pass `arguments`, `descriptors` and `stdin` to Bochs, then
    `watch` until it ends.

    `stop` is the address of the instruction at which the machine is looked at (None: it never is);
    `memory` its RAM in bytes; `log` the file of its serial line; after `budget` instructions it has
    hung. What was seen is in `snapshots`, `hung`, `shut_down` (the CPU stopped itself: a triple fault, after which
    Bochs up to 3.0 ends), `answered` (the debugger did, at least once), and `last`: the address of the
    instruction that the machine ended at, if it ended by itself.
    """

    def __init__(self, stop: int | None, memory: int, log: Path, budget: int) -> None:
        self.snapshots: list[Snapshot] = []
        self.hung = self.shut_down = self.answered = False
        self.last: int | None = None
        self._stop, self._memory, self._log, self._budget = stop, memory, log, budget
        self.stdin, self._commands = os.pipe()
        self._answers, answers = os.pipe()
        self._open = {self.stdin, self._commands, self._answers, answers}
        self.descriptors = (answers,)
        self.arguments = ["-dbglog", f"/dev/fd/{answers}"]
        self._text = ""  # received, and not looked at yet

    def __enter__(self) -> Debugger:
        return self

    def __exit__(self, *_: object) -> None:
        self._close(*self._open)

    def watch(self) -> None:
        """Lets the machine run, and answers every stop with a snapshot, until the emulator ends.

        Raises TimeoutError when it says nothing for far too long."""
        self._close(self.stdin, *self.descriptors)  # Bochs has its own by now
        try:
            self._ask(f"sb {self._budget}")
            if self._stop is not None:
                self._ask(f"lb {self._stop:#x}")
            while self._continue() == self._stop:
                self._look()
            self._ask("quit")
        except (EOFError, BrokenPipeError):
            if not (self.hung or self.shut_down) and (found := _INSTRUCTION.findall(self._text)):
                self.last = int(found[-1], 16)

    def _continue(self) -> int:
        """Lets the machine run until it stops, and returns the address of its next instruction. Why it stopped is
        seen by where and when, not by what the debugger says of it, which differs between Bochs's versions."""
        self._write("c")
        # Until it has stopped nothing more is written: Bochs's terminal reads the same input, for the machine's keyboard.
        while not _STOPPED.search(self._text):
            self._text += self._receive()
        self._answer()
        address = self._number("? eip", r"0x([0-9a-f]+)", 16)
        if address != self._stop:
            self.hung = self._number("ptime", r"(\d+)$", 10) >= self._budget
            self.shut_down = not self.hung
            self.last = address if self.shut_down else None
        return address

    def _close(self, *descriptors: int) -> None:
        for descriptor in descriptors:
            self._open.remove(descriptor)
            os.close(descriptor)

    def _look(self) -> None:
        registers = {name.upper(): int(value, 16) for name, value in _REGISTER.findall(self._ask("creg"))}
        if registers.keys() != {"CR0", "CR3", "CR4"}:
            raise Infrastructure("Bochs's debugger does not show the control registers")
        self.snapshots.append(Snapshot.read(registers, self._page, self._log.stat().st_size))

    def _number(self, command: str, pattern: str, base: int) -> int:
        """A number that a command answers with. Raises Infrastructure if there is none."""
        answer = self._ask(command)
        found = re.search(pattern, answer, re.MULTILINE)
        if not found:
            raise Infrastructure(f"Bochs's debugger answers `{command}` with {answer.strip()[:200]!r}")
        return int(found[1], base)

    def _page(self, address: int) -> tuple[int, ...] | None:
        """The 1024 words of a page of physical memory; None outside the RAM."""
        if address + 4096 > self._memory:
            return None
        words = "".join(_WORDS.findall(self._ask(f"xp /1024mwx {address:#x}")))
        try:
            return _PAGE.unpack(bytes.fromhex(words))
        except (ValueError, struct.error) as error:
            raise Infrastructure(f"Bochs's debugger does not show {address:#x}: {error}") from None

    def _ask(self, command: str) -> str:
        """What a command answers, once it has come to its end. Raises EOFError if Bochs ends first."""
        self._write(command)
        return self._answer()

    def _write(self, line: str) -> None:
        os.write(self._commands, f"{line}\n".encode())

    def _answer(self) -> str:
        """What was said, up to a number that it is asked to repeat."""
        self._write(f"? {_ANSWERED}")
        while (end := self._text.find(f"\n{_ANSWERED} ")) < 0 or "\n" not in self._text[end + 1:]:
            self._text += self._receive()
        answer, _, rest = self._text.partition(f"\n{_ANSWERED} ")
        self._text = "\n" + rest.partition("\n")[2]
        self.answered = True
        return answer

    def _receive(self) -> str:
        if not select.select([self._answers], [], [], sandbox.BACKSTOP)[0]:
            raise TimeoutError
        received = os.read(self._answers, 1 << 16)
        if not received:
            raise EOFError
        return received.decode("latin-1")
