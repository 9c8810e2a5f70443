"""Finding who handed in what: the folders, archives and loose files of a folder, or the refs of a
repository. Nothing is read here but names; `Entry.take` reads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from grader.building import places
from grader.cohort import archive, folder, identity, refs
from grader.cohort.archive import Refused
from grader.cohort.files import Files
from grader.course.labs import Lab
from grader.errors import GraderError


@dataclass(frozen=True)
class Entry:
    """What one student handed in: `id` names the student, `folder` is a name that any file system
    takes; both are of this student alone. `source` says where it lies, for people. `late`: the course
    site says so; `committed` is the date that a ref's commit bears."""

    id: str
    folder: str
    source: str
    take: Callable[[Sequence[str]], Files]
    late: bool = False
    committed: datetime | None = None


@dataclass(frozen=True)
class _Found:
    """Something handed in. `name` is its whole name, `student` the student's part of it."""

    name: str
    student: str
    take: Callable[[Sequence[str]], Files]
    late: bool = False
    committed: datetime | None = None


def file_names(labs: Sequence[Lab]) -> list[str]:
    """What the students write."""
    return [name for lab in labs for name in lab.files]


def find(submissions: str, repository: str, wanted: str, labs: Sequence[Lab]) -> list[Entry]:
    """What SUBMISSIONS=, or REPO= and REFS=, name. Raises GraderError."""
    if bool(submissions) == bool(repository):
        raise GraderError("SUBMISSIONS=folder, or REPO=repository with REFS='names': one of the two "
                          "was expected")
    if wanted and not repository:
        raise GraderError(f"REFS='{wanted}' goes with REPO=repository, and not with SUBMISSIONS=")
    if repository:
        return from_refs(Path(repository), wanted)
    return from_folder(Path(submissions), labs)


def from_folder(path: Path, labs: Sequence[Lab]) -> list[Entry]:
    """One entry for each folder and archive of a folder, and for each student's loose files as course
    sites name them. Raises GraderError if there is nothing."""
    if not path.is_dir():
        raise GraderError(f"there is no folder {path}: SUBMISSIONS= takes the one that holds all "
                          "submissions")
    found: list[_Found] = []
    loose: dict[str, dict[str, Path]] = {}
    try:
        children = sorted(path.iterdir())
    except OSError as error:
        raise GraderError(f"{path} can't be read: {error.strerror}") from error
    for child in children:
        if not places.visible([child.name]):
            continue
        _sort_in(child, found, loose, file_names(labs))
    found += [_Found(student, student, _loose(files),
                     any(identity.is_late(path.name) for path in files.values()))
              for student, files in loose.items()]
    if not found:
        raise GraderError(f"{path} has no submissions: a folder, a zip or a tarball for each student "
                          "was expected")
    return _entries(found, str(path))


def from_refs(repository: Path, wanted: str) -> list[Entry]:
    """One entry for each ref of a repository. Raises GraderError."""
    commits = refs.find(repository, wanted)
    if not commits:
        raise GraderError("REPO= needs REFS=: names of branches or tags, or patterns like 'lab1-*'")
    dates = refs.dates(repository, commits.values())
    found = [_Found(name, name, lambda names, commit=commit: refs.take(repository, commit, names),
                    committed=dates.get(commit))
             for name, commit in sorted(commits.items())]
    return _entries(found, str(repository))


def _sort_in(child: Path, found: list[_Found], loose: dict[str, dict[str, Path]],
             names: list[str]) -> None:
    suffix = archive.suffix(child.name)
    if child.is_dir():
        found.append(_Found(child.name, identity.split(child.name)[0], _folder(child),
                            identity.is_late(child.name)))
    elif suffix:
        whole = child.name[:-len(suffix)]
        found.append(_Found(child.name, identity.split(whole)[0],
                            lambda names: archive.take(child, names), identity.is_late(whole)))
    else:
        student, name = identity.split(child.name)
        if name in names:
            loose.setdefault(student, {})[name] = child


def _folder(path: Path) -> Callable[[Sequence[str]], Files]:
    """A folder; or, where it has none of the files, the only archive in it, as Moodle gives them."""
    def take(names: Sequence[str]) -> Files:
        if files := folder.take(path, names):
            return files
        archives = sorted(p for p in path.iterdir() if p.is_file() and not p.is_symlink()
                          and places.visible([p.name]) and archive.suffix(p.name))
        if len(archives) > 1:
            raise Refused(f"it has none of {', '.join(names)}, but {len(archives)} archives: which "
                          "one counts?")
        return archive.take(archives[0], names) if archives else files
    return take


def _loose(files: dict[str, Path]) -> Callable[[Sequence[str]], Files]:
    """Files side by side with those of the other students, by the names they had at home."""
    def take(names: Sequence[str]) -> Files:
        return {name: content for name in names if name in files
                for content in folder.take(files[name].parent, [files[name].name]).values()}
    return take


def _entries(found: list[_Found], where: str) -> list[Entry]:
    """Whole names where students' names are not enough to tell them apart."""
    times = Counter(one.student for one in found)
    names = [one.student if times[one.student] == 1 else one.name for one in found]
    folders = identity.folders(names)
    shown = Counter(map(identity.printable, names))
    return [Entry(identity.printable(name) if shown[identity.printable(name)] == 1 else folders[name],
                  folders[name], f"{where}/{identity.printable(one.name)}", one.take, one.late,
                  one.committed)
            for one, name in zip(found, names, strict=True)]
