"""The documentation as its tests see it: the pages, and what can be checked of their text."""

from __future__ import annotations

import contextlib
import fcntl
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

GUIDE = ROOT / "docs" / "instructor-guide.md"
NEW_LAB = ROOT / "docs" / "new-lab"  # the files of the lab that new-lab.md makes

_FENCE = re.compile(r"^(?P<marks>`{3,})(?P<words>[^`\n]*)\n(?P<text>.*?)^(?P=marks)`*[ \t]*$",
                    re.MULTILINE | re.DOTALL)


@contextlib.contextmanager
def lock() -> Iterator[None]:
    """While other tests build nothing in the kit's own folder: the lock is that of tests/grader."""
    path = ROOT / "build" / ".tests-lock"
    path.parent.mkdir(exist_ok=True)
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file that it is (after the language; often none), its text."""

    language: str
    file: str
    text: str


def blocks(page: str) -> Iterator[Block]:
    """The fenced blocks of a page's text, in order."""
    for match in _FENCE.finditer(page):
        language, _, file = match["words"].strip().partition(" ")
        yield Block(language, file.strip(), match["text"])


def files(page: str) -> dict[str, str]:
    """The files that a page's text gives, by their paths from the top of the kit."""
    return {block.file: block.text for block in blocks(page) if block.file}


def without_blocks(page: str) -> str:
    """A page's running text: without fenced and indented blocks."""
    return re.sub(r"(?m)(?:^|(?<=\n\n))(?: {4,}.*\n+)+", "\n", _FENCE.sub("", page))


def all_pages() -> list[Path]:
    """Every page that is written for people: the front doors and docs/."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def links(page: str) -> list[str]:
    """Where a page's links and pictures lead."""
    return re.findall(r"\]\(([^)\s]+)\)", without_code(page))


def anchors(page: str) -> set[str]:
    """The names of a page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ +(.+?) *$", _FENCE.sub("", page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def without_code(page: str) -> str:
    """A page's running text without what stands in backquotes."""
    return re.sub(r"`[^`\n]+`", "", without_blocks(page))


def in_code(page: str) -> list[str]:
    """What stands in backquotes in a page's running text."""
    return re.findall(r"`([^`\n]+)`", without_blocks(page))


def commands(page: str) -> list[str]:
    """The commands that call make, wherever they stand: alone on a line, or in backquotes."""
    shown = [line.strip().removeprefix("$ ").partition(" #")[0].strip()
             for line in page.splitlines() if re.match(r"( {4,}|\$ )", line)]
    shown += [line.partition(" #")[0] for block in blocks(page) if not block.file
              for line in block.text.splitlines()]
    return [command for command in [*shown, *in_code(page)]
            if re.match(r"make [a-z]", command)]


def sessions(page: str) -> list[tuple[str, list[str]]]:
    """What is typed after `$ ` in a page's console blocks, and the lines that are shown below it."""
    found: list[tuple[str, list[str]]] = []
    for block in blocks(page):
        if block.language == "console":
            for line in block.text.splitlines():
                if line.startswith("$ "):
                    found.append((line[2:], []))
                elif found:
                    found[-1][1].append(line)
    return found
