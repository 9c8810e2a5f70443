"""Where a submission has its files: at its top, or inside the one folder that everything lies in."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import PurePosixPath

PLACES = ("kernel/mm", "mm", ".")  # where a submission may have its files, the first that has one
EXAMPLES = ("examples", ".")  # and where its examples
MOST_PATHS = 20_000  # that anybody looks through
_DEEPEST = 4  # folders inside folders, as archives of archives of course sites have them


def of(name: str) -> tuple[str, ...]:
    """The places that a file of that name may have."""
    return EXAMPLES if name.endswith(".scenario") else PLACES


def visible(names: Iterable[str]) -> list[str]:
    """Names that a person put there: no hidden ones, and not what macOS adds to its archives."""
    return [name for name in names if not name.startswith(".") and name != "__MACOSX"]


def innermost(has_file: Callable[[str], bool], folders: Callable[[str], list[str]],
              names: Sequence[str]) -> str:
    """The folder that counts as the submission: the first, from the top, that has one of `names` in
    its place; on the way down there may be only one folder to go on with. Else the top: "".
    """
    here = ""
    for _ in range(_DEEPEST):
        if any(has_file(joined(here, place, name)) for name in names for place in of(name)):
            return here
        below = visible(folders(here))
        if len(below) != 1:
            break
        here = joined(here, below[0])
    return ""


def joined(*parts: str) -> str:
    """A path of parts, some of which may be empty or a dot."""
    return "/".join(part for part in parts if part not in ("", "."))


def left(paths: Iterable[str], taken: Collection[str], names: Sequence[str]) -> list[str]:
    """Of a submission's paths those that look like a lab's file and were not taken: `Buddy.cpp`, `old/buddy.cpp`,
    `buddy (1).cpp`; in their order."""
    return sorted(path for path in paths if path not in taken and resembles(PurePosixPath(path).name, names)
                  and len(visible(PurePosixPath(path).parts)) == len(PurePosixPath(path).parts))


def resembles(name: str, names: Sequence[str]) -> bool:
    """Whether a file's name could be meant for one of these, whatever a browser or a person made of it."""
    stem = re.fullmatch(r"(.*)\.(cpp|cc|cxx|c|c\+\+)(\.txt)?", name.casefold(), re.DOTALL)
    words = re.split(r"[^a-z]+", stem[1]) if stem else ()
    return any(PurePosixPath(wanted).stem.casefold() in words for wanted in names)
