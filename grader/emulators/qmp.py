"""Looks at a running QEMU's page tables whenever its kernel stops for that (pvpanic), over QMP."""

from __future__ import annotations

import json
import mmap
import re
import socket
from pathlib import Path

from grader.errors import Infrastructure
from grader.evidence.snapshot import Snapshot

_SECONDS = 60  # without a word from the emulator

_REGISTER = re.compile(r"\b(CR[034]|IDT)= *([0-9a-f]+)")


class Inspector:
    """One boot's, in the emulator's folder. Pass `arguments` and `descriptors` to the emulator, then `watch` until it ends."""

    def __init__(self, folder: Path, memory: int, contents: int = 0) -> None:
        self.snapshots: list[Snapshot] = []
        self.ram_size = memory << 20
        self._ram = folder / "ram"
        self._log = folder / "log"
        self._contents = contents  # so many bytes of the memory are copied
        self._stops = 0  # seen, and not yet looked at
        self._ours, self._theirs = socket.socketpair()
        self.descriptors = (self._theirs.fileno(),)
        self.arguments = [
            "-M", "isapc,memory-backend=ram",
            "-object", f"memory-backend-file,id=ram,size={memory}M,mem-path=ram,share=on",
            "-device", "pvpanic", "-action", "panic=pause",
            "-chardev", f"socket,id=qmp,fd={self._theirs.fileno()}",
            "-mon", "chardev=qmp,mode=control",
            "-S",  # until somebody listens: events before that are lost
        ]

    def watch(self) -> None:
        """Answers every stop with a snapshot and lets the machine go on, until the emulator ends."""
        self._theirs.close()
        self._ours.settimeout(_SECONDS)
        try:
            with self._ours, self._ours.makefile("rw", encoding="utf-8") as self._channel:
                self._command("qmp_capabilities")
                self._command("cont")
                while True:
                    while self._stops == 0:
                        self._read()
                    self._stops -= 1
                    self._look()
        except (BrokenPipeError, ConnectionResetError, EOFError):
            pass  # it ended while being talked to

    def _look(self) -> None:
        text = self._command("human-monitor-command", {"command-line": "info registers"})
        registers = {name: int(value, 16) for name, value in _REGISTER.findall(text)}
        with self._ram.open("rb") as file, \
                mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as m:
            with memoryview(m) as ram:
                self.snapshots.append(Snapshot.take(
                    registers, ram, self._log.stat().st_size, self._contents))
        self._command("cont")

    def _command(self, name: str, arguments: dict | None = None):
        """Sends a command and returns what it answers; events that come first are kept."""
        self._channel.write(json.dumps({"execute": name, "arguments": arguments or {}}) + "\n")
        self._channel.flush()
        while not (answer := self._read()).keys() & {"return", "error"}:
            pass
        if "error" in answer:
            raise Infrastructure(f"the emulator does not obey `{name}`: {answer['error']['desc']}")
        return answer["return"]

    def _read(self) -> dict:
        """The next message; a stop is noted."""
        line = self._channel.readline()
        if not line.endswith("\n"):
            raise EOFError
        message = json.loads(line)
        if message.get("event") == "GUEST_PANICKED":
            self._stops += 1
        return message
