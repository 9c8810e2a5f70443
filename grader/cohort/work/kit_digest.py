"""Whether two kits grade alike: a digest of all that has a say in a score."""

from __future__ import annotations

import hashlib
from functools import cache

from grader.course.labs import ROOT

_GRADES = ("kernel", "labs", "solutions", "grader")


@cache
def digest(without: str = "cohort") -> str:
    """SHA-256 of the kit's files, but for the stubs that students fill, and (in a folder called
    `without`) what only hands gradings round and sums them up."""
    whole = hashlib.sha256()
    stubs = {ROOT / "kernel" / "mm" / path.name for path in (ROOT / "solutions" / "mm").iterdir()}
    for top in _GRADES:
        for path in sorted((ROOT / top).rglob("*")):
            relative = path.relative_to(ROOT)
            if path.is_file() and path not in stubs \
                    and not {"__pycache__", without} & set(relative.parts):
                whole.update(f"{relative}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return whole.hexdigest()


def name() -> str:
    """What Dask workers with this very kit are known by."""
    return f"marionette-{digest(without='')[:16]}"
