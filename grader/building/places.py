"""Where a submission has its files: at its top, or inside the one folder that everything lies in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

PLACES = ("kernel/mm", "mm", ".")  # where a submission may have its files, the first that has one
_DEEPEST = 4  # folders inside folders, as archives of archives of course sites have them


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
        if any(has_file(joined(here, place, name)) for place in PLACES for name in names):
            return here
        below = visible(folders(here))
        if len(below) != 1:
            break
        here = joined(here, below[0])
    return ""


def joined(*parts: str) -> str:
    """A path of parts, some of which may be empty or a dot."""
    return "/".join(part for part in parts if part not in ("", "."))
