"""Who handed something in: ids from the names that course sites give to files and folders."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from grader import errors

_LONGEST = 60  # characters of a folder's name

# Canvas: NAME[_LATE]_STUDENT_FILE_what-they-called-it, with -1, -2 … before the suffix when handed in
# again. Moodle: NAME_STUDENT_assignsubmission_file_what-they-called-it.
_COURSE_SITES = (
    re.compile(r"(?P<who>[^_]+)(?P<late>_LATE)?_(?P<number>\d+)_\d+_(?P<rest>.+)", re.DOTALL),
    re.compile(r"(?P<who>.+)_(?P<number>\d+)_assignsubmission_[a-z]+_?(?P<rest>.*)", re.DOTALL),
)


def split(name: str) -> tuple[str, str]:
    """The student's part of a name and the file's: `doejane_123_456_buddy-1.cpp` is `doejane_123` and
    `buddy.cpp`. A name that no course site made is a student's as a whole; the file's part is empty."""
    for pattern in _COURSE_SITES:
        if found := pattern.fullmatch(name):
            rest = re.sub(r"-\d+(?=\.\w+$)", "", found["rest"])
            return f"{found['who']}_{found['number']}", rest
    return name, ""


def is_late(name: str) -> bool:
    """Whether a course site's name for something says that it came late. Canvas's can."""
    return any((found := pattern.fullmatch(name)) and found.groupdict().get("late")
               for pattern in _COURSE_SITES)


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


def _safe(name: str) -> str:
    plain = re.sub(r"[^\w.-]", "_", unicodedata.normalize("NFC", name))
    plain = plain.lstrip(".-")[:_LONGEST].rstrip(".")
    return plain if re.search(r"\w", plain.replace("_", "")) else f"student~{_digest(name)}"


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8]
