"""Gradescope's export of submissions: folders called by numbers, and a table of whose they are."""

from __future__ import annotations

import re
from pathlib import Path

TABLE = "submission_metadata.yml"
_MOST = 16 << 20  # bytes
# submission_123:, and below it the first of `:submitters:`, as the export writes them: each key in its column, for
# further right there are lines of what a student's name is, or what the student's own program printed.
_SUBMISSION = re.compile(r"^(?P<folder>submission_\d+):\n(?:  :(?!submitters:).*\n|   .*\n|\n)*"
                         r"  :submitters:\n(?P<about>  - .*\n(?:    .*\n?|\n)*)", re.MULTILINE)
_KEY = re.compile(r"^(?:  - |    ):(?P<key>sid|email):[ \t]*(?P<value>.*?)[ \t]*$", re.MULTILINE)


def students(folder: Path) -> dict[str, str]:
    """Whose each submission is, by its folder's name: the student id, or else the address; empty where there is no
    such table, or where it names nobody. The first of a group stands for it."""
    try:
        with (folder / TABLE).open(encoding="utf-8") as file:
            text = file.read(_MOST)
    except (OSError, UnicodeDecodeError):
        return {}
    found = {}
    for match in _SUBMISSION.finditer(text):
        about: dict[str, str] = {}
        for key in _KEY.finditer(match["about"]):
            about.setdefault(key["key"], key["value"].strip("'\""))
        if student := about.get("sid") or about.get("email"):
            found[match["folder"]] = student
    return found
