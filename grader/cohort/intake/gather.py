"""Finding who handed in what: the folders, archives and loose files of a folder, or the refs of a
repository. Nothing is read here but names; `Entry.take` reads. Whatever is found is somebody's, or is named as
not taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from grader.building import places
from grader.cohort.intake import archive, folder, gradescope_export, identity, refs
from grader.cohort.intake.archive import Refused
from grader.cohort.intake.files import Taken
from grader.cohort.intake.identity import listed
from grader.course.labs import Lab
from grader.errors import GraderError


@dataclass(frozen=True)
class Entry:
    """What one student handed in: `id` names the student, `folder` is a name that any file system
    takes; both are of this student alone. `source` says where it lies, for people. `late`: the course
    site says so; `committed` is the date that a ref's commit bears; `remark` what a person has to decide."""

    id: str
    folder: str
    source: str
    take: Callable[[Sequence[str]], Taken]
    late: bool = False
    committed: datetime | None = None
    remark: str = ""


@dataclass(frozen=True)
class NotTaken:
    """Something that is nobody's submission: its name on one line, and why not."""

    name: str
    why: str


@dataclass(frozen=True)
class Gathered:
    """All that was found, in the order of its names."""

    entries: list[Entry]
    not_taken: list[NotTaken] = field(default_factory=list)


@dataclass(frozen=True)
class _Found:
    """Something handed in. `name` is its whole name, `student` the student's part of it."""

    name: str
    student: str
    take: Callable[[Sequence[str]], Taken]
    late: bool = False
    committed: datetime | None = None


def file_names(labs: Sequence[Lab]) -> list[str]:
    """What the students write: for each lab its files, and their examples."""
    return [name for lab in labs for name in (*lab.files, lab.examples)]


def find(submissions: str, repository: str, wanted: str, labs: Sequence[Lab]) -> Gathered:
    """What SUBMISSIONS=, or REPO= and REFS=, name. Raises GraderError."""
    if bool(submissions) == bool(repository):
        raise GraderError("SUBMISSIONS=folder, or REPO=repository with REFS='names': one of the two "
                          "was expected")
    if wanted and not repository:
        raise GraderError(f"REFS='{wanted}' goes with REPO=repository, and not with SUBMISSIONS=")
    if repository:
        return Gathered(from_refs(Path(repository), wanted))
    return from_folder(Path(submissions), labs)


def from_folder(path: Path, labs: Sequence[Lab]) -> Gathered:
    """One entry for each folder and archive of a folder, and for each student's loose files as course
    sites name them. Raises GraderError if there is nothing."""
    if not path.is_dir():
        raise GraderError(f"there is no folder {path}: SUBMISSIONS= takes the one that holds all "
                          "submissions")
    try:
        children = [child for child in sorted(path.iterdir()) if places.visible([child.name])]
    except OSError as error:
        raise GraderError(f"{path} can't be read: {error.strerror}") from error
    last, not_taken = _last_ones(children)
    loose = [child for child in last if not child.is_dir() and not archive.suffix(child.name)]
    whose = gradescope_export.students(path)
    found = [_whole(child, whose) for child in last if child.is_dir() or archive.suffix(child.name)]
    of_files, left = _loose_files([child for child in loose if not whose or child.name != gradescope_export.TABLE],
                                  file_names(labs))
    not_taken = sorted(not_taken + left, key=lambda one: one.name)
    if not found and not of_files:
        raise GraderError(f"{path} has no submissions: a folder, a zip or a tarball for each student "
                          f"was expected{_names(not_taken)}")
    return Gathered(_entries(found + of_files, str(path)), not_taken)


def _names(not_taken: Sequence[NotTaken]) -> str:
    return f"; there is {listed([one.name for one in not_taken])}" if not_taken else ""


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


def _last_ones(children: Sequence[Path]) -> tuple[list[Path], list[NotTaken]]:
    """Of what one student handed in several times by the same name, the last, as the course site counts them."""
    again: dict[tuple[str, str], list[Path]] = {}
    for child in children:
        name = identity.parsed(child.name)
        again.setdefault((name.student, name.file), []).append(child)
    last = {key: max(some, key=lambda child: identity.parsed(child.name).order) for key, some in again.items()}
    return list(last.values()), [
        NotTaken(identity.printable(child.name), f"{identity.printable(last[key].name)} is a later one")
        for key, some in again.items() for child in some if child != last[key]]


def _whole(child: Path, whose: Mapping[str, str]) -> _Found:
    """A folder or an archive, which is somebody's as it is: whose says its name, or Gradescope's table."""
    suffix = "" if child.is_dir() else archive.suffix(child.name)
    name = identity.parsed(child.name[:len(child.name) - len(suffix)])
    take = (lambda names: archive.take(child, names)) if suffix else _folder(child)
    return _Found(child.name, whose.get(child.name, name.student), take, name.late)


def _loose_files(paths: Sequence[Path], names: Sequence[str]) -> tuple[list[_Found], list[NotTaken]]:
    """Each student's among files side by side. Whoever handed in anything is there, and be it without any of the
    files that are graded."""
    by_student: dict[str, dict[str, Path]] = {}
    not_taken = []
    for path in paths:
        name = identity.parsed(path.name)
        files = by_student.setdefault(name.student, {}) if name.file else {}
        if name.file in names:
            files[name.file] = path
        else:
            why = _why_nobodys(path, names) if not name.file else f"not one of {', '.join(names)}"
            not_taken.append(NotTaken(identity.printable(path.name), why))
    return [_Found(student, student, _loose(files),
                   any(identity.parsed(path.name).late for path in files.values()))
            for student, files in by_student.items()], not_taken


def _why_nobodys(path: Path, names: Sequence[str]) -> str:
    if path.is_symlink() and not path.exists():
        return "a link that leads nowhere"
    if places.resembles(path.name, names):
        return "whose it is can't be told: put it into a folder with the student's id"
    return "neither a folder, nor an archive, nor a file as course sites name them"


def _folder(path: Path) -> Callable[[Sequence[str]], Taken]:
    """A folder; or, where it has none of the files, the only archive in it, as Moodle gives them."""
    def take(names: Sequence[str]) -> Taken:
        taken = folder.take(path, names)
        if taken.files:
            return taken
        archives = sorted(p for p in path.iterdir() if p.is_file() and not p.is_symlink()
                          and places.visible([p.name]) and archive.suffix(p.name))
        if len(archives) > 1:
            raise Refused(f"it has none of {', '.join(names)}, but {len(archives)} archives: which "
                          "one counts?")
        return archive.take(archives[0], names) if archives else taken
    return take


def _loose(files: dict[str, Path]) -> Callable[[Sequence[str]], Taken]:
    """Files side by side with those of the other students, by the names they had at home."""
    def take(names: Sequence[str]) -> Taken:
        return Taken({name: folder.read(files[name].parent, files[name].name) for name in names if name in files})
    return take


def _entries(found: list[_Found], where: str) -> list[Entry]:
    """Whole names where students' names are not enough to tell them apart."""
    times = Counter(name for one in found for name in {one.student, one.name})
    names = [one.student if times[one.student] == 1 else one.name for one in found]
    folders = identity.folders(names)
    ids = identity.apart({folder: identity.printable(name) for name, folder in folders.items()})
    spellings: dict[str, list[str]] = {}
    for one in found:
        spellings.setdefault(identity.alike(one.student), []).append(identity.printable(one.name))
    return [Entry(ids[folders[name]], folders[name], f"{where}/{identity.printable(one.name)}", one.take, one.late,
                  one.committed, _namesakes(spellings[identity.alike(one.student)]))
            for one, name in zip(found, names, strict=True)]


def _namesakes(alike: Sequence[str]) -> str:
    """That what was handed in by names like these may be one student's; mostly it is one name, and nothing to say."""
    return f"may be one student's: {listed(alike)}; each was graded, and which one counts is for a person to say" \
        if len(alike) > 1 else ""
