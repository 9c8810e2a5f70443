"""The kernel's prompt, between the emulator and whoever reads: a terminal, or a file or pipe.

What the kernel says goes through line by line as a Follower shows it. Where lines are piped in, each is typed when the
prompt asks for it, and what the line editor draws for a terminal is left out.
"""

from __future__ import annotations

import os
import re
import select
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from grader.debug.follower import Follower
from grader.debug.terminal import WITH_US

_ASKS = re.compile(rb"\r([a-z0-9_]+> )\x1b\[K\r\x1b\[\d+C$")  # the prompt, drawn with nothing typed yet
_LINES = re.compile(rb"[^\n]*\n|[^\n]+")
_ESCAPES = re.compile(rb"\x1b\[[0-9;]*[A-Za-z]|\r")
_END = b"\x04"  # Ctrl-D
_CHUNK = 4096

def at_a_terminal(command: list[str], follower: Follower, keys: BinaryIO, screen: BinaryIO) -> int:
    """Runs the emulator, and gives it the keys from its first prompt on: before that its serial port loses
    what comes. Its exit status."""
    with subprocess.Popen([*WITH_US, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        begun, seen, asked = b"", 0, False  # a line whose end has not come, and how much of it is on the screen
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
                begun += part
                asked = asked or bool(_ASKS.search(begun))
                shown = _shown(follower, begun)
                screen.write(shown[seen:])
                seen = len(shown)
                if begun.endswith(b"\n"):
                    begun, seen = b"", 0
            screen.flush()


def _shown(follower: Follower, begun: bytes) -> bytes:
    """What is shown of a line as far as it has come."""
    if begun.endswith(b"\n"):
        return follower.shown(begun)
    return b"" if follower.holds(begun) else begun


def piped(command: list[str], follower: Follower, lines: Iterator[bytes], screen: BinaryIO) -> int:
    """Runs the emulator, and types the lines, each as the kernel asks for one; its exit status."""
    with subprocess.Popen([*WITH_US, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        said = b""
        for chunk in _chunks(process.stdout):
            said += chunk
            while asked := _ASKS.search(said):
                _show(said[:asked.start()], follower, screen)
                line = _printable(next(lines, _END))
                if line != _END:
                    screen.write(asked[1] + line + b"\n")
                said = _typed(process, line)
        _show(said, follower, screen)
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


def _show(said: bytes, follower: Follower, screen: BinaryIO) -> None:
    plain = _ESCAPES.sub(b"", said)
    screen.write(b"".join(map(follower.shown, plain.splitlines(keepends=True))))
    screen.flush()


def _printable(line: bytes) -> bytes:
    """A line as it can be typed: its keys would else complete, erase or end something."""
    return line if line == _END else bytes(c for c in line.rstrip(b"\r\n").replace(b"\t", b" ")
                                           if 32 <= c < 127)


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := os.read(stream.fileno(), _CHUNK):
        yield chunk
