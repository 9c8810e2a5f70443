"""What a lab's operations do, in the words of the prompt's `help`: from the player's tables, where each stands once."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from grader.course.labs import ROOT, Lab

# Those that are called like the function they call: its contract says what they do.
PLAIN = ("boot", "init", "alloc", "free", "create", "destroy", "malloc", "realloc", "map", "translate")

_ALL_LABS = ("memory.cpp", "player.cpp")  # in kernel/player/
_OPERATION = re.compile(r'(?<!_lab){"([a-z_]+)[^"]*",\s*((?:"[^"]*"\s*)+),\s*[\w\[{]')


def of(lab: Lab) -> dict[str, str]:
    """The operations that the lab's scenarios may have, and what each does."""
    return _read(lab.folder)


@functools.cache
def _read(folder: Path) -> dict[str, str]:
    sources = [*(ROOT / "kernel" / "player" / name for name in _ALL_LABS), folder / "player.cpp"]
    return {verb: "".join(re.findall('"([^"]*)"', text))
            for path in sources if path.exists() for verb, text in _OPERATION.findall(path.read_text("utf-8"))}
