"""The documentation as its tests see it: the pages, and what can be checked of their text."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

GUIDE = ROOT / "docs" / "instructor-guide.md"

_FENCE = re.compile(r"^(?P<marks>`{3,})(?P<words>[^`\n]*)\n(?P<text>.*?)^(?P=marks)`*[ \t]*$",
                    re.MULTILINE | re.DOTALL)


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
