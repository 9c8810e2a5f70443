"""Taking the labs' files from git refs: straight from the objects, without checking anything out.

No hook, filter, replacement or remote has a say: blobs are read as they were committed.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from grader.building import gate, places, sandbox
from grader.cohort.files import Files, Odd
from grader.errors import GraderError, Infrastructure

_GIT = ["git", "--no-pager", "--no-replace-objects", "--literal-pathspecs",
        "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never"]


def find(repository: Path, wanted: str) -> dict[str, str]:
    """Commits by the refs' names: `wanted` has names, and patterns as `git for-each-ref` takes them,
    with spaces between. Raises GraderError if one of them finds nothing."""
    if not repository.is_dir():
        raise GraderError(f"there is no {repository}: REPO= takes the folder of a git repository")
    found: dict[str, str] = {}
    for pattern in wanted.split():
        if any(c in pattern for c in "*?["):
            matching = _matching(repository, pattern)
        else:
            matching = {pattern: _git(repository, "rev-parse", "--verify", "--quiet",
                                      "--end-of-options", f"{pattern}^{{commit}}").decode().strip()}
        if not all(matching.values()) or not matching:
            raise GraderError(f"REFS={pattern}: {repository} has nothing of that name; "
                              f"`git -C {repository} for-each-ref` lists what it has")
        found |= matching
    return found


def _matching(repository: Path, pattern: str) -> dict[str, str]:
    full = pattern if pattern.startswith("refs/") else f"refs/**/{pattern}"
    lines = _git(repository, "for-each-ref", "--format=%(objectname)%00%(*objectname)%00%(refname:short)",
                 full).decode("utf-8", "replace").splitlines()
    entries = (line.split("\0") for line in lines)
    return {name: peeled or commit for commit, peeled, name in entries}


def dates(repository: Path, commits: Iterable[str]) -> dict[str, datetime]:
    """The committer's dates by commit; of those that bear one that makes sense."""
    found = {}
    for line in _git(repository, "rev-list", "--no-walk", "--no-commit-header", "--format=%H %cI",
                     *commits, must=True).decode().splitlines():
        commit, date = line.split(" ", 1)
        with contextlib.suppress(ValueError):
            found[commit] = datetime.fromisoformat(date)
    return found


def take(repository: Path, commit: str, names: Sequence[str]) -> Files:
    """The files of these names in a commit, from the first of their places."""
    blobs = _tree(repository, commit)

    def folders(prefix: str) -> list[str]:
        start = prefix + "/" if prefix else ""
        below = (path[len(start):] for path in blobs if path.startswith(start))
        return sorted({path.partition("/")[0] for path in below if "/" in path})

    here = places.innermost(blobs.__contains__, folders, names)
    found = {}
    for name in names:
        paths = (places.joined(here, place, name) for place in places.PLACES)
        if path := next(filter(blobs.__contains__, paths), None):
            found[name] = _content(repository, *blobs[path])
    return found


def _tree(repository: Path, commit: str) -> dict[str, tuple[str, str, str]]:
    """All files of a commit by path: mode, object and size."""
    listing = _git(repository, "ls-tree", "-r", "-z", "-l", commit, must=True)
    entries = (entry.split("\t", 1) for entry in listing.decode("utf-8", "surrogateescape").split("\0")
               if entry)
    blobs = {}
    for about, path in entries:
        mode, _, name, size = about.split()
        blobs[path] = (mode, name, size)
    return blobs


def _content(repository: Path, mode: str, name: str, size: str) -> bytes | Odd:
    if mode == "120000":
        return Odd.LINK
    if not mode.startswith("100"):
        return Odd.SPECIAL
    if int(size) > gate.MAX_SOURCE:
        return Odd.LARGE
    return _git(repository, "cat-file", "blob", name, must=True)


def _git(repository: Path, *arguments: str, must: bool = False) -> bytes:
    """What git says. If it fails: nothing, or Infrastructure where it must not."""
    try:
        done = subprocess.run([*_GIT, "-C", str(repository), *arguments], stdin=subprocess.DEVNULL,
                              env={**os.environ, "GIT_TERMINAL_PROMPT": "0"}, capture_output=True,
                              timeout=sandbox.BACKSTOP, check=False)
    except FileNotFoundError as error:
        raise Infrastructure("git is not installed: REPO= needs it") from error
    except subprocess.TimeoutExpired:
        raise Infrastructure(f"git made no end of it in {sandbox.BACKSTOP} s in {repository}") from None
    complaint = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode and (must or "dubious ownership" in complaint or "not a git" in complaint):
        raise Infrastructure(f"git, in {repository}: {complaint}")
    return done.stdout if done.returncode == 0 else b""
