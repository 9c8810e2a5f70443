"""Who handed something in: ids from the names that course sites give to files and folders."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader import errors

_LONGEST = 60  # characters of a folder's name

# Canvas: NAME[_LATE]_STUDENT_FILE_what-they-called-it, with -1, -2 … before the suffix when handed in
# again. Autolab: ADDRESS_VERSION_FILE, a version for each time that something was handed in. Moodle:
# NAME_STUDENT_assignsubmission_file_what-they-called-it. What they called it may look like another site's name, or the
# same one's once more: the site's own part ends as early as it can.
_COURSE_SITES = (
    re.compile(r"(?P<who>[^_@]+)(?P<late>_LATE)?_(?P<number>\d+)_(?P<version>\d+)_(?P<rest>.+)", re.DOTALL),
    re.compile(r"(?P<who>[^@]+@[^@_]+)_(?P<version>\d+)_(?P<rest>.+)", re.DOTALL),
    re.compile(r"(?P<who>.+?)_(?P<number>\d+)_assignsubmission_[a-z]+_?(?P<rest>.*)", re.DOTALL),
)
_AGAIN = re.compile(r"-(\d+)(?=(\.[a-z]\w*)+$)", re.IGNORECASE)


@dataclass(frozen=True)
class Name:
    """A name taken apart: whose, which file (empty where no course site made the name), whether the site calls it
    late; of one student's file handed in several times the one with the highest `order` is the last."""

    student: str
    file: str = ""
    late: bool = False
    order: tuple[int, ...] = ()


def parsed(name: str) -> Name:
    """What a name says: `doejane_123_456_buddy-1.cpp` is `buddy.cpp` of `doejane_123`. A name that no course site
    made is a student's as a whole."""
    for pattern in _COURSE_SITES:
        if found := pattern.fullmatch(name):
            parts = found.groupdict()
            again = _AGAIN.search(parts["rest"])
            student = "_".join(filter(None, (parts["who"], parts.get("number"))))
            return Name(student, _AGAIN.sub("", parts["rest"]), bool(parts.get("late")),
                        (int(parts.get("version") or 0), int(again[1]) if again else 0))
    return Name(name)


def alike(student: str) -> str:
    """What two spellings of one name have in common."""
    return unicodedata.normalize("NFC", student).casefold().strip()


def printable(name: str) -> str:
    """A name on one line of any terminal or page; what can't be shown is a question mark."""
    return errors.printable(unicodedata.normalize("NFC", name))


def listed(names: Sequence[str], most: int = 5) -> str:
    """The first of some names, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def folders(names: Iterable[str]) -> dict[str, str]:
    """A folder's name for each of some different names, no two of them the same on any file system.

    What one is called depends on all the names, and not on their order.
    """
    safe = {name: _safe(name) for name in names}
    times = Counter(folder.casefold() for folder in safe.values())
    return {name: folder if times[folder.casefold()] == 1 else f"{folder}~{_digest(name)}"
            for name, folder in safe.items()}


def apart(wanted: Mapping[str, str], alike: Callable[[str], str] = str) -> dict[str, str]:
    """The names that some folders' students are to have, by these folders, no two of them `alike`: one that is like
    another's, or like another's folder, is the own folder's."""
    times = Counter(alike(name) for name in wanted.values())
    owner = {alike(folder): folder for folder in wanted}
    return {folder: name if times[alike(name)] == 1 and owner.get(alike(name), folder) == folder else folder
            for folder, name in wanted.items()}


def _safe(name: str) -> str:
    plain = re.sub(r"[^\w.-]", "_", unicodedata.normalize("NFC", name))
    plain = plain.lstrip(".-")[:_LONGEST].rstrip(".")
    return plain if re.search(r"\w", plain.replace("_", "")) else f"student~{_digest(name)}"


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8]
