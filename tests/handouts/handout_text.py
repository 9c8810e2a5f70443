"""What a handout's AsciiDoc says that can be checked: its terminal sessions, the words in code, the mistakes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

_BLOCK = re.compile(r"^\[source(?P<options>[%\w]*),(?P<language>\w+)(?P<attributes>[^\]\n]*)\]\n"
                    r"(?:\.[^\n]*\n)?----\n(?P<text>.*?)^----$", re.MULTILINE | re.DOTALL)
_PROMPT = re.compile(r"^(\w+)> ?(.*)$")
_CALLOUT = re.compile(r" <\d+>$")


@dataclass
class Command:
    """A command at the shell's prompt, and the lines that are shown after it.

    In a session with the kernel these are (typed, shown) pairs: what was typed at its prompt, and what
    came of it; before the first prompt nothing is typed.
    """

    line: str
    shown: list[tuple[str | None, list[str]]] = field(default_factory=lambda: [(None, [])])

    @property
    def words(self) -> list[str]:
        """The command's words."""
        return self.line.split()

    @property
    def settings(self) -> dict[str, str]:
        """What it sets: NAME=value."""
        return dict(word.split("=", 1) for word in self.words if "=" in word)

    @property
    def output(self) -> list[str]:
        """All lines that are shown."""
        return [line for _, lines in self.shown for line in lines]


@dataclass(frozen=True)
class Session:
    """A console block: commands, played with a submission (`by`: as in the block's `with`)."""

    handout: str
    line: int  # where it begins, from 1
    by: str  # "": the stubs; "solutions"; "mutants/LAB/NAME"
    loose: bool  # numbers may differ: they depend on the size of the kernel's image
    commands: list[Command]

    def __str__(self) -> str:
        return f"{self.handout}:{self.line}"


def sessions(path: Path) -> Iterator[Session]:
    """The console blocks of a handout."""
    text = path.read_text(encoding="utf-8")
    for block in _BLOCK.finditer(text):
        if block["language"] == "console":
            by = re.search(r"with=([^,\]]+)", block["attributes"])
            yield Session(path.name, text.count("\n", 0, block.start()) + 1,
                          by[1] if by else "", "%loose" in block["options"],
                          _commands(block["text"]))


def files(path: Path) -> dict[str, str]:
    """The files that the reader is told to write: their texts by name."""
    text = path.read_text(encoding="utf-8")
    return {name[1]: block["text"] for block in _BLOCK.finditer(text)
            if (name := re.search(r"file=([^,\]]+)", block["attributes"]))}


def _commands(text: str) -> list[Command]:
    found: list[Command] = []
    for line in text.splitlines():
        line = _CALLOUT.sub("", line.rstrip())
        if line.startswith("$ "):
            found.append(Command(line[2:]))
        elif typed := _PROMPT.match(line):
            found[-1].shown.append((typed[2], []))
        else:
            found[-1].shown[-1][1].append(line)
    return found


def in_code(path: Path) -> list[str]:
    """What stands in backquotes, outside of blocks."""
    text = _BLOCK.sub("", path.read_text(encoding="utf-8"))
    return re.findall(r"`([^`\n]+)`", text)


def links(path: Path) -> list[str]:
    """The addresses of the web that a handout names."""
    return re.findall(r"https?://[^\s\[\]]+", path.read_text(encoding="utf-8"))


def mistakes(path: Path) -> list[tuple[str, str]]:
    """The common mistakes that are mutants: LAB/NAME of the mutant, and what is said of it."""
    parts = re.split(r"^// mutant: (\S+)\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    said = [re.split(r"^(?:\*|//|=)(?= )", text, maxsplit=2, flags=re.MULTILINE)[1]
            for text in parts[2::2]]
    return list(zip(parts[1::2], said, strict=True))


def pattern(line: str, loose: bool) -> str:
    """A regular expression for a line that is shown: `...` stands for anything, so does blank for blanks."""
    expected = re.escape(line)
    if loose:
        expected = re.sub(r"\b(0x)?(?=[0-9a-f]*[0-9])[0-9a-f]{3,}\b", r"[0-9a-fx]+", expected)
    return re.sub(r"(\\ )+", r" +", expected.replace(r"\.\.\.", ".*"))
