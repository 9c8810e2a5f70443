"""Taking the labs' files from git refs: straight from the objects, without checking anything out.

No hook, filter, replacement or remote has a say: blobs are read as they were committed. Refs go by their full names,
as a tag may be called like another's branch; and an object's size is asked before it is read, as ten trees can stand
for a billion paths.
"""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from grader import limits
from grader.building import gate
from grader.building.places import MOST_PATHS, innermost, joined, left, of
from grader.cohort.intake.archive import Refused
from grader.cohort.intake.files import Odd, Taken
from grader.errors import GraderError, Infrastructure

_GIT = ["git", "--no-pager", "--no-replace-objects", "--literal-pathspecs",
        "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never"]
# A repository's own configuration can have git start programs to fetch an object that is missing, by protocols that it
# allows itself: over the environment it has no say.
_ALONE = {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0"}
_LIMITS = limits.Limits(cpu_seconds=60, file_size=64 << 20)
_KINDS = ("refs/heads/", "refs/tags/", "refs/remotes/")  # where a name is looked for, in this order
_LINK = "120000"  # a link's mode
_LARGEST_COMMIT = 1 << 20  # bytes,
_LARGEST_TREE = 4 << 20  # and some hundred thousand names


def find(repository: Path, wanted: str) -> dict[str, str]:
    """Commits by the refs' names: `wanted` has names, and patterns as `git for-each-ref` takes them,
    with spaces between; "" for what a pattern finds and is no commit (a tag of a file). Raises GraderError if one of
    them finds nothing."""
    if not repository.is_dir():
        raise GraderError(f"there is no {repository}: REPO= takes the folder of a git repository")
    found: dict[str, str] = {}
    for pattern in wanted.split():
        matching = (_matching(repository, pattern) if any(c in pattern for c in "*?[")
                    else {pattern: _commit(repository, pattern)})
        if not any(matching.values()):
            raise GraderError(f"REFS={pattern}: {repository} has nothing of that name; "
                              f"`git -C {repository} for-each-ref` lists what it has")
        found |= matching
    return found


def _commit(repository: Path, name: str) -> str:
    """The commit of a ref of that name: of the branch, if there are others. Else what git takes the name for (a
    commit's own name, `anna~1`); empty if that is nothing."""
    full = [name] if name.startswith("refs/") else [kind + name for kind in _KINDS]
    there = {ref.name: ref for ref in _refs(repository, *full)}
    for ref in full:
        if ref in there:
            return there[ref].commit(repository)
    return _peeled(repository, name)


def _matching(repository: Path, pattern: str) -> dict[str, str]:
    full = pattern if pattern.startswith("refs/") else f"refs/**/{pattern}"
    there = sorted(_refs(repository, full), key=lambda ref: [not ref.name.startswith(kind) for kind in _KINDS])
    found: dict[str, str] = {}
    for ref in there:
        short = next((ref.name.removeprefix(kind) for kind in _KINDS if ref.name.startswith(kind)),
                     ref.name.removeprefix("refs/"))
        found[ref.name if short in found else short] = ref.commit(repository)
    return found


class _Ref(NamedTuple):
    object: str
    kind: str
    name: str  # the full one

    def commit(self, repository: Path) -> str:
        """Empty if it leads to none."""
        return self.object if self.kind == "commit" else _peeled(repository, self.object)


def _refs(repository: Path, *patterns: str) -> Iterator[_Ref]:
    """The refs that match. Their names may hold whatever a line end is in Unicode, but none of ASCII's."""
    for line in _git(repository, "for-each-ref", "--format=%(objectname) %(objecttype) %(refname)",
                     *patterns).split(b"\n"):
        if line:
            yield _Ref(*map(os.fsdecode, line.split(b" ", 2)))


def _peeled(repository: Path, name: str) -> str:
    return _git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options",
                f"{name}^{{commit}}").decode("ascii").strip()


def dates(repository: Path, commits: Iterable[str]) -> dict[str, datetime]:
    """The committer's dates by commit; of those that bear one that makes sense."""
    found = {}
    about = _git(repository, "cat-file", "--batch-check", given="\n".join(filter(None, commits))).decode("ascii").splitlines()
    small = [commit for commit, kind, *size in (line.split(" ") for line in about)
             if kind == "commit" and int(size[0]) <= _LARGEST_COMMIT]
    lines = _git(repository, "rev-list", "--stdin", "--no-walk", "--no-commit-header", "--format=%H %cI",
                 given="\n".join(small))
    for line in lines.split(b"\n"):
        commit, _, date = line.decode("ascii", "replace").partition(" ")
        with contextlib.suppress(ValueError):
            found[commit] = datetime.fromisoformat(date)
    return found


def take(repository: Path, commit: str, names: Sequence[str]) -> Taken:
    """The files of these names in a commit, from the first of their places. Raises Refused."""
    if not commit:
        raise Refused("it is no commit")
    if _size(repository, commit, "commit") > _LARGEST_COMMIT:
        raise Refused("its commit is larger than any message")
    tree = _Tree(repository, commit)
    here = innermost(lambda path: tree.at(path) is not None and tree.at(path).kind != "tree", tree.folders, names)
    found, chosen = {}, set()
    for name in names:
        paths = (joined(here, place, name) for place in of(name))
        if path := next((path for path in paths if (entry := tree.at(path)) and entry.kind != "tree"), None):
            found[name] = _content(repository, tree.at(path))
            chosen.add(path)
    paths = dict(_walk(repository, commit))
    return Taken(found, (*left((path for path, mode in paths.items() if mode != _LINK), chosen, names),
                         *(f"{path} (a link)" for path, mode in paths.items() if mode == _LINK and path not in chosen)))


def _walk(repository: Path, commit: str) -> Iterator[tuple[str, str]]:
    """The first paths of a commit with their modes: ten trees can stand for a billion."""
    command = [*_GIT, "-C", str(repository), "ls-tree", "-r", "-z", "--end-of-options", commit]
    with subprocess.Popen(_LIMITS.around(command), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          env={**os.environ, **_ALONE}) as listing:
        text = listing.stdout.read(_LARGEST_TREE)
        listing.kill()
    for line in text.split(b"\0")[:-1][:MOST_PATHS]:
        about, _, name = line.partition(b"\t")
        yield os.fsdecode(name), about.split(b" ")[0].decode("ascii")


class _Entry(NamedTuple):
    mode: str
    kind: str
    object: str


class _Tree:
    """A commit's files: of its trees those are read that somebody asks for."""

    def __init__(self, repository: Path, commit: str) -> None:
        self._repository = repository
        about = _read(repository, "cat-file", "commit", commit)
        self._top = _Entry("040000", "tree", about[:about.find(b"\n")].removeprefix(b"tree ").decode("ascii", "replace"))

    def at(self, path: str) -> _Entry | None:
        """What has that path."""
        entry: _Entry | None = self._top
        for part in filter(None, path.split("/")):
            entry = self._entries(entry.object).get(part) if entry and entry.kind == "tree" else None
        return entry

    def folders(self, path: str) -> list[str]:
        """The folders in a folder."""
        entry = self.at(path)
        return sorted(name for name, one in self._entries(entry.object).items() if one.kind == "tree") if entry else []

    @functools.cache  # noqa: B019: it lives for one submission
    def _entries(self, tree: str) -> dict[str, _Entry]:
        if _size(self._repository, tree, "tree") > _LARGEST_TREE:
            raise Refused("it has a folder with more names than anybody looks at")
        found = {}
        for line in _read(self._repository, "ls-tree", "-z", tree).split(b"\0"):
            about, _, name = line.partition(b"\t")
            if name:
                found[os.fsdecode(name)] = _Entry(*about.decode("ascii").split(" "))
        return found


def _size(repository: Path, name: str, kind: str) -> int:
    """An object's, in bytes. Raises Refused if it is of another kind than whoever made the commit says."""
    told = _git(repository, "cat-file", "--batch-check", must=True, given=f"{name}\n").decode("ascii", "replace").split()
    if told[1:] == ["missing"]:
        raise Infrastructure(f"git, in {repository}: {name} is missing")
    if told[1] != kind:
        raise Refused(f"it is damaged: {name} is no {kind}")
    return int(told[2])


def _read(repository: Path, *arguments: str) -> bytes:
    """What is in an object that is there. Raises Refused if git can't make anything of it."""
    try:
        return _git(repository, *arguments, must=True)
    except Infrastructure as error:
        raise Refused(f"it is damaged: {error}") from error


def _content(repository: Path, entry: _Entry) -> bytes | Odd:
    if entry.mode == _LINK:
        return Odd.LINK
    if not entry.mode.startswith("100"):
        return Odd.SPECIAL
    if _size(repository, entry.object, "blob") > gate.MAX_SOURCE:
        return Odd.LARGE
    return _read(repository, "cat-file", "blob", entry.object)


def _git(repository: Path, *arguments: str, must: bool = False, given: str = "") -> bytes:
    """What git says, `given` something to read. If it fails: nothing, or Infrastructure where it must not."""
    if not shutil.which("git"):
        raise Infrastructure("git is not installed: REPO= needs it")
    command = _LIMITS.around([*_GIT, "-C", str(repository), *arguments])
    try:
        done = subprocess.run(command, input=given.encode(), env={**os.environ, **_ALONE},
                              capture_output=True, timeout=limits.BACKSTOP, check=False)
    except subprocess.TimeoutExpired:
        raise Infrastructure(f"git made no end of it in {limits.BACKSTOP} s in {repository}") from None
    complaint = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode and (must or "dubious ownership" in complaint or "not a git" in complaint):
        raise Infrastructure(f"git, in {repository}: {complaint}")
    return done.stdout if done.returncode == 0 else b""
