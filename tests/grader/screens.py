"""Screens on a page of the docs, played again: commands are typed, and what is shown is compared.

A screen is a fenced block of kind `console`. A line after `$ ` is typed to the shell, one after
`(gdb) ` or `<bochs> ` to the debugger that the shell command before it opened. The lines below are
what has to be seen; `...` stands for any number of lines. Addresses (five hexadecimal digits and
more), line numbers, check words and numbers of more than three digits may differ: they change with the
kernel; so may the order of a frame's arguments, and where its line is broken: both are the compiler's.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pexpect

SECONDS = 900  # for any one step, on a busy machine
COLUMNS = 105
LEFT_OUT = "..."
_COMMAND = re.compile(r"(\$|\(gdb\)|<bochs>) (.*)")
_PROMPT = re.compile(r"\(gdb\) $|<bochs:\d+> ?$")
_CHANGING = ((re.compile(r"0x[0-9a-f]{5,}"), "0x"), (re.compile(r" ~[0-9a-f]{4}$"), " ~"),
             (re.compile(r"<(\w+)\+ *[0-9a-f]+>"), r"<\1>"), (re.compile(r"\b\d{4,}\b"), "#"),
             (re.compile(r"(\.cpp|\.h):\d+"), r"\1"), (re.compile(r"^\d+\t"), ""),
             (re.compile(r"\s+"), " "))
_ARGUMENTS = re.compile(r"\((\w+=.*)\) at ")


@dataclass
class Step:
    """A command, and the lines that are to be seen after it; `line` is its place on the page."""

    prompt: str
    command: str
    line: int
    expected: list[str] = field(default_factory=list)


def steps(text: str) -> dict[str, list[Step]]:
    """A page's steps by the second-level heading that they stand under."""
    found: dict[str, list[Step]] = {}
    heading, inside = "", False
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("## "):
            heading = line[3:]
        elif line.startswith("```"):
            inside = line == "```console"
        elif inside and (match := _COMMAND.fullmatch(line)):
            found.setdefault(heading, []).append(Step(match[1], match[2], number))
        elif inside:
            found[heading][-1].expected.append(line)
    return found


def play(section: list[Step], folder: Path) -> list[str]:
    """Types a section's commands in a folder; what is wrong with the page, a text for each step."""
    problems, debugger = [], None
    for i, step in enumerate(section):
        if step.prompt == "$":
            _close(debugger)
            opens = i + 1 < len(section) and section[i + 1].prompt != "$"
            debugger = _open(step.command, folder) if opens else None
            screen = _seen(debugger) if opens else _shell(step.command, folder)
        else:
            debugger.sendline(step.command)
            screen = _seen(debugger)[1:]  # the first line is what was typed
        if missing := first_missing(step.expected, screen):
            problems.append(f"line {step.line}: after `{step.command}` there is no\n  {missing}\n"
                            "but:\n" + "\n".join(f"  {line}" for line in screen))
    _close(debugger)
    return problems


def first_missing(expected: list[str], screen: list[str]) -> str:
    """The first of the expected lines that is not on the screen where it should be; "" if all are."""
    seen = [_plain(line) for line in _whole(screen)]
    ends = {0}  # how many of the screen's lines may have been matched so far
    for line in _whole(expected):
        plain = _plain(line)
        if plain == LEFT_OUT:
            ends = set(range(min(ends), len(seen) + 1))
        else:
            ends = {end + 1 for end in ends if end < len(seen) and seen[end] == plain}
        if not ends:
            return line
    return "" if len(seen) in ends else "end"


def _whole(lines: list[str]) -> list[str]:
    """With GDB's frames on one line each."""
    return re.sub(r"(,) *\n +(?=\w+=)|\n +(?=at )", r"\1 ", "\n".join(lines)).splitlines()


def _plain(line: str) -> str:
    for changing, stays in _CHANGING:
        line = changing.sub(stays, line)
    return _ARGUMENTS.sub(lambda found: f"({', '.join(sorted(found[1].split(', ')))}) at ", line).strip()


def _environment() -> dict[str, str]:
    window = {"DISPLAY"}  # Bochs would open one
    kept = {name: value for name, value in os.environ.items() if name not in window}
    return {**kept, "TERM": "dumb", "COLUMNS": str(COLUMNS)}


def _shell(command: str, folder: Path) -> list[str]:
    done = subprocess.run(["sh", "-c", command], cwd=folder, env=_environment(), text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=SECONDS, check=False)
    return _lines(done.stdout)


def _open(command: str, folder: Path) -> pexpect.spawn:
    return pexpect.spawn("sh", ["-c", command], cwd=str(folder), env=_environment(), timeout=SECONDS,
                         encoding="utf-8", codec_errors="replace", dimensions=(50, COLUMNS))


def _seen(debugger: pexpect.spawn) -> list[str]:
    """What a debugger has shown since it was last asked, up to its prompt or its end."""
    debugger.expect([_PROMPT, pexpect.EOF])
    return _lines(debugger.before)


def _close(debugger: pexpect.spawn | None) -> None:
    if debugger and debugger.isalive():
        debugger.sendline("quit")  # both know it
        debugger.expect(pexpect.EOF)
        debugger.close()


def _lines(text: str) -> list[str]:
    """Without terminal escapes and blank lines at both ends."""
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r", "", text)
    return plain.strip("\n").splitlines()
