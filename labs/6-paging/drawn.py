"""What page directories map, as text: by the model, and as it was found in the machine's memory."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from grader.evidence.snapshot import Snapshot, in_runs

from .mapped import Entry
from .spaces import SPAN, Spaces

Pages = Mapping[int, Entry]

MOST = 8  # runs of pages of a kind
RIGHTS = "(w writable, r read-only, u open to ring 3, k kernel only)"


def model(spaces: Spaces, number: int) -> str:
    """What a directory is to map, and what all do."""
    lines = [f"active: directory {spaces.active}"]
    if directory := spaces.directories.get(number):
        lines += [f"directory {number} maps" + (":" if directory.pages else " nothing"), *_runs(directory.pages)]
    if spaces.kernel:
        lines += ["all directories map, by this scenario:", *_runs(spaces.kernel)]
    return "\n".join([*lines, RIGHTS])


def found(spaces: Spaces, snapshot: Snapshot) -> str:
    """What the active directory maps in memory, with a mark at what is not so by the model."""
    border, directory = spaces.kernel_base // SPAN, spaces.directories.get(spaces.active)
    user = {page: (frame, flags) for page, frame, flags in snapshot.pages(0, border - 1)}
    kernel = {page: (frame, flags) for page, frame, flags in snapshot.pages(border) if page in spaces.known}
    lines = ["Your page tables now, as they are in the machine's memory:",
             f"directory {spaces.active} maps" + (":" if user else " nothing"),
             *_marked(user, directory.pages if directory else {})]
    if kernel or spaces.kernel:
        lines += ["of this scenario's kernel pages:", *_marked(kernel, spaces.kernel)]
    return "\n".join(lines)


def _marked(pages: Pages, expected: Pages) -> list[str]:
    wrong = {page: entry for page, entry in pages.items() if expected.get(page) != entry}
    right = {page: entry for page, entry in pages.items() if page not in wrong}
    missing = {page: entry for page, entry in expected.items() if page not in pages}
    return [*(f"{line}  <- not so by the model" for line in _runs(wrong)), *_runs(right),
            *(f"{line}  <- missing" for line in _runs(missing))]


def _runs(pages: Pages) -> list[str]:
    """The first few runs of pages, a line each."""
    runs = in_runs((page, *entry) for page, entry in sorted(pages.items()))
    return [f"  {run}" for run in islice(runs, MOST)]
