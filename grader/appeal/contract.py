"""Where a sentence of a contract stands: the comments of a header, read as running text."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from pathlib import Path

from grader.course.labs import ROOT


def line_of(header: str, sentence: str, root: Path = ROOT) -> int | None:
    """The line on which a sentence begins in a header's comments; None if it does not stand there,
    word for word. Line breaks, comment marks and the dashes of lists do not count."""
    text, starts, lines = _running_text(root / header)
    found = text.find(" ".join(sentence.split()))
    return None if found < 0 else lines[bisect_right(starts, found) - 1]


@cache
def _running_text(path: Path) -> tuple[str, list[int], list[int]]:
    """A header's comments with single blanks, where each word of them starts, and on which line."""
    words, starts, lines = [], [], []
    offset = 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        comment = re.search("//(.*)", line)
        for word in re.sub("^ *- ", "", comment[1]).split() if comment else ():
            words.append(word)
            starts.append(offset)
            lines.append(number)
            offset += len(word) + 1
    return " ".join(words), starts, lines
