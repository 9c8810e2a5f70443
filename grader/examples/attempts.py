"""How often a student has tried to catch an impostor: after some attempts there is a hint."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from grader.examples.judged import Judged
from grader.reporting.results import kept, write_whole

UNTIL_A_HINT = 3  # different files of examples, all of them valid, that an impostor escaped


def escaped(path: Path, content: bytes, found: Judged) -> list[int]:
    """How many attempts each impostor has escaped, this one included, if it is one: examples that are all valid, and
    were not tried before. What is known of earlier ones is kept in a file."""
    known = _known(path)
    digest = hashlib.sha256(content).hexdigest()[:16]
    if not found.objections and digest not in known:
        known[digest] = [number for number, catch in enumerate(found.impostors, 1) if catch is None]
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(known))
    return [sum(number in missed for missed in known.values()) for number in range(1, len(found.impostors) + 1)]


def hints(escapes: Sequence[int], found: Judged, words: Sequence[str]) -> dict[int, str]:
    """The hints, in words, for the impostors not caught that have escaped often enough, by their numbers."""
    return {number: hint for number, (escape, catch, hint) in enumerate(zip(escapes, found.impostors, words), 1)
            if catch is None and hint and escape >= UNTIL_A_HINT}


def _known(path: Path) -> dict[str, list[int]]:
    try:
        known = kept(path)
        return {str(digest): list(missed) for digest, missed in known.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}  # it was never written, or is not what it was: then counting begins anew
