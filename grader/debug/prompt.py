"""The kernel's prompt, between the emulator and whoever reads: a terminal, or a file or pipe.

What the kernel says goes through unchanged, but that the addresses of a panic or fault are told as
functions and lines, too. Where lines are piped in, each is typed when the prompt asks for it, and what the line
editor draws for a terminal is left out.
"""

from __future__ import annotations

import os
import re
import select
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from grader.building import symbols
from grader.debug.terminal import WITH_US

_STOPPED = re.compile(rb"^  at (0x[0-9a-f]+), called from ([0-9a-fx,]*)\r?$")
_ASKS = re.compile(rb"\r([a-z0-9_]+> )\x1b\[K\r\x1b\[\d+C$")  # the prompt, drawn with nothing typed yet
_LINES = re.compile(rb"[^\n]*\n|[^\n]+")
_ESCAPES = re.compile(rb"\x1b\[[0-9;]*[A-Za-z]|\r")
_END = b"\x04"  # Ctrl-D
_CHUNK = 4096

Explain = Callable[[bytes], bytes]


def explained(image: Path) -> Explain:
    """What makes of a line of the kernel's the same with its addresses in words below it."""
    def explain(line: bytes) -> bytes:
        found = _STOPPED.match(line.rstrip(b"\n"))
        if not found:
            return line
        trace = [int(address, 16) for address in found[2].split(b",") if address]
        places = symbols.backtrace(image, int(found[1], 16), trace)
        end = b"\r\n" if line.endswith(b"\r\n") else b"\n"
        return line + b"".join(f"  {'in' if i == 0 else 'by'} {place}".encode() + end
                               for i, place in enumerate(places))
    return explain


def at_a_terminal(command: list[str], explain: Explain, keys: BinaryIO, screen: BinaryIO) -> int:
    """Runs the emulator, and gives it the keys from its first prompt on: before that its serial port loses
    what comes. Its exit status."""
    with subprocess.Popen([*WITH_US, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        begun, asked = b"", False  # a line whose end has not come
        while True:
            ready, _, _ = select.select([process.stdout, *([keys] if asked else [])], [], [])
            if keys in ready:
                with suppress(BrokenPipeError):  # it ends just now
                    process.stdin.write(os.read(keys.fileno(), _CHUNK) or _END)
                    process.stdin.flush()
            if process.stdout not in ready:
                continue
            chunk = os.read(process.stdout.fileno(), _CHUNK)
            if not chunk:
                return process.wait()
            for part in _LINES.findall(chunk):
                screen.write(part)
                begun += part
                asked = asked or bool(_ASKS.search(begun))
                if begun.endswith(b"\n"):
                    screen.write(explain(begun)[len(begun):])
                    begun = b""
            screen.flush()


def piped(command: list[str], explain: Explain, lines: Iterator[bytes], screen: BinaryIO) -> int:
    """Runs the emulator, and types the lines, each as the kernel asks for one; its exit status."""
    with subprocess.Popen([*WITH_US, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        said = b""
        for chunk in _chunks(process.stdout):
            said += chunk
            while asked := _ASKS.search(said):
                _show(said[:asked.start()], explain, screen)
                line = _printable(next(lines, _END))
                if line != _END:
                    screen.write(asked[1] + line + b"\n")
                said = _typed(process, line)
        _show(said, explain, screen)
    return process.returncode


def _typed(process: subprocess.Popen, line: bytes) -> bytes:
    """Types a line; what the kernel said after it was ended, as far as it has come."""
    process.stdin.write(line if line == _END else line + b"\r")
    process.stdin.flush()
    drawn = b""
    for chunk in _chunks(process.stdout):
        drawn += chunk
        _, ended, rest = drawn.partition(b"\n")
        if ended:
            return rest
    return b""


def _show(said: bytes, explain: Explain, screen: BinaryIO) -> None:
    plain = _ESCAPES.sub(b"", said)
    screen.write(b"".join(map(explain, plain.splitlines(keepends=True))))
    screen.flush()


def _printable(line: bytes) -> bytes:
    """A line as it can be typed: its keys would else complete, erase or end something."""
    return line if line == _END else bytes(c for c in line.rstrip(b"\r\n").replace(b"\t", b" ")
                                           if 32 <= c < 127)


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := os.read(stream.fileno(), _CHUNK):
        yield chunk
