"""Gathering a class: who handed in what, and nothing but the labs' files, whatever the archive wants."""

from __future__ import annotations

import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import class_maker
from class_maker import add

from grader.building import gate, sandbox
from grader.cohort.intake import gather, identity, refs
from grader.cohort.intake.archive import Refused
from grader.cohort.intake.files import Odd, digest, lay_out
from grader.cohort.intake.gather import Entry
from grader.course import labs
from grader.errors import GraderError, Infrastructure

BUDDY = b"size_t buddy_alloc;\n"
OTHER = b"#error somebody else's\n"


def entries(folder: Path) -> dict[str, Entry]:
    """Everybody's, by their ids."""
    return {entry.id: entry for entry in gather.from_folder(folder, labs.all_labs()).entries}


def taken(folder: Path, student: str = "anna") -> dict:
    """What is taken of one student's."""
    return dict(entries(folder)[student].take(["buddy.cpp", "paging.cpp"]).files)


def put(path: Path, content: bytes = BUDDY) -> Path:
    """Writes a file, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_the_class_that_is_timed_is_one(tmp_path: Path, build_folder: Path) -> None:
    """As docs/class.md has it made; every tenth is hostile, whose text takes the kernel's addresses."""
    names = class_maker.make(tmp_path / "class", 10)
    found = entries(tmp_path / "class")
    assert len(found) == len(names) == 10
    hostile = next(name for name in found if "attack" in name)
    assert b"@ADDRESS" not in b"".join(dict(found[hostile].take(["buddy.cpp"]).files).values())


# ---- Who ----

@pytest.mark.parametrize(("name", "student", "file"), [
    ("anna", "anna", ""),
    ("Anna Lind-Berg", "Anna Lind-Berg", ""),
    ("team_7_2", "team_7_2", ""),
    ("doejane_123_456_buddy.cpp", "doejane_123", "buddy.cpp"),
    ("doejane_LATE_123_456_buddy-2.cpp", "doejane_123", "buddy.cpp"),
    ("doejane_123_456_my labs", "doejane_123", "my labs"),
    ("doejane_LATE_123_456_a@b_1_buddy.cpp", "doejane_123", "a@b_1_buddy.cpp"),
    ("Eve_7_assignsubmission_file_x_8_assignsubmission_file_buddy.cpp", "Eve_7", "x_8_assignsubmission_file_buddy.cpp"),
    ("anna_b@cs.cmu.edu_3_buddy.cpp", "anna_b@cs.cmu.edu", "buddy.cpp"),
    ("Jane Doe_123_assignsubmission_file_", "Jane Doe_123", ""),
    ("Jane van_der Doe_123_assignsubmission_file_buddy.cpp", "Jane van_der Doe_123", "buddy.cpp"),
])
def test_course_sites_names_are_taken_apart(name: str, student: str, file: str) -> None:
    assert (identity.parsed(name).student, identity.parsed(name).file) == (student, file)


@pytest.mark.parametrize(("names", "folders"), [
    (["anna", "Zoë", "李雷"], ["anna", "Zoë", "李雷"]),
    (["Jane Doe", "-rf", "..", "a/b"], ["Jane_Doe", "rf", "student~", "a_b"]),
    (["=1+1", "a\x1b[31m", "a" * 300], ["_1_1", "a__31m", "a" * 60]),
])
def test_a_folders_name_is_harmless(names: list[str], folders: list[str]) -> None:
    found = identity.folders(names)
    assert all(found[name].startswith(folder) for name, folder in zip(names, folders, strict=True))
    assert all(len(folder.encode()) < 200 for folder in found.values())


def test_names_that_become_the_same_are_kept_apart_in_any_order() -> None:
    names = ["a b", "a_b", "A_B", "a\udcffb", "c"]
    found = identity.folders(names)
    assert len({folder.casefold() for folder in found.values()}) == len(names)
    assert found == identity.folders(reversed(names))
    assert found["c"] == "c"


def test_nobody_is_called_like_somebody_elses_folder(tmp_path: Path) -> None:
    """Two that are shown alike go by their folders' names; who called himself so took the class's tables away."""
    two = ["a\u200b", "a\u200c"]
    names = [*two, *identity.folders(two).values(), "a"]
    for name in names:
        (tmp_path / name).mkdir()
    entries = gather.from_folder(tmp_path, labs.all_labs()).entries
    assert len({entry.id for entry in entries}) == len({entry.folder for entry in entries}) == len(names)
    assert "a" in {entry.id for entry in entries}


def test_folders_archives_and_loose_files_are_submissions(tmp_path: Path) -> None:
    put(tmp_path / "anna" / "buddy.cpp")
    put(tmp_path / "ben.tar.gz")
    put(tmp_path / "carl.ZIP")
    put(tmp_path / "doejane_1_2_buddy.cpp")
    put(tmp_path / "doejane_1_3_paging.cpp")
    put(tmp_path / "doejane_1_4_report.pdf")
    put(tmp_path / "notes.txt")
    put(tmp_path / ".DS_Store")
    assert list(entries(tmp_path)) == ["anna", "ben", "carl", "doejane_1"]
    assert taken(tmp_path, "doejane_1") == {"buddy.cpp": BUDDY, "paging.cpp": BUDDY}


def test_a_name_twice_gets_two_names(tmp_path: Path) -> None:
    put(tmp_path / "anna" / "buddy.cpp")
    put(tmp_path / "anna.zip")
    put(tmp_path / "anna.tar")
    assert list(entries(tmp_path)) == ["anna", "anna.tar", "anna.zip"]


def test_everything_found_is_somebodys_or_named(tmp_path: Path) -> None:
    """Nothing vanishes: neither a file by a name that nobody knows, nor a student whose files have other names."""
    for name in ("anna@cmu.edu_2_buddy.cpp", "anna@cmu.edu_10_buddy.cpp", "anna@cmu.edu_10_notes.pdf", "bo_1_2_Buddy.cpp",
                 "carl_3_4_labs.zip", "carl_3_5_labs-1.zip", "dora_buddy.cpp", "README.txt"):
        put(tmp_path / name, name.encode())
    (tmp_path / "emil").symlink_to("nowhere")
    found = gather.from_folder(tmp_path, labs.all_labs())
    assert [entry.id for entry in found.entries] == ["carl_3", "anna@cmu.edu", "bo_1"]
    assert taken(tmp_path, "anna@cmu.edu") == {"buddy.cpp": b"anna@cmu.edu_10_buddy.cpp"}
    assert taken(tmp_path, "bo_1") == {}
    assert found.entries[0].source.endswith("carl_3_5_labs-1.zip")
    assert {one.name: one.why.split(",")[0] for one in found.not_taken} == {
        "README.txt": "neither a folder",
        "anna@cmu.edu_10_notes.pdf": "not one of buddy.cpp",
        "anna@cmu.edu_2_buddy.cpp": "anna@cmu.edu_10_buddy.cpp is a later one",
        "bo_1_2_Buddy.cpp": "not one of buddy.cpp", "carl_3_4_labs.zip": "carl_3_5_labs-1.zip is a later one",
        "dora_buddy.cpp": "whose it is can't be told: put it into a folder with the student's id",
        "emil": "a link that leads nowhere"}


def test_what_may_be_one_students_is_said_of_each(tmp_path: Path) -> None:
    for name in ("yara.zip", "Zo\u0065\u0308.zip", "ben.zip"):
        put(tmp_path / name)
    put(tmp_path / "yara" / "buddy.cpp")
    put(tmp_path / "ZO\u00cb" / "buddy.cpp")
    found = entries(tmp_path)
    assert found["ben"].remark == ""
    assert {found[name].remark.partition(";")[0] for name in ("yara", "yara.zip")} == {
        "may be one student's: yara, yara.zip"}
    assert sum("one student's: Zo" in entry.remark or "one student's: ZO" in entry.remark
               for entry in found.values()) == 2


def test_what_looks_like_a_labs_file_and_was_not_taken_is_told_however_it_was_handed_in(
        tmp_path: Path, repository: Callable) -> None:
    """In folders, archives and refs alike; links, too."""
    paths = ("kernel/mm/buddy.cpp", "mm/buddy.cpp", "old/Paging.cpp", "buddy (1).cpp", "notes.txt", "kernel/mm/slab.cpp")
    for path in paths:
        put(tmp_path / "class" / "anna" / path)
        put(tmp_path / "repo" / path)
    for top in (tmp_path / "class" / "anna", tmp_path / "repo"):
        (top / "lab").symlink_to("/etc")
    repository("rm", "-q", "paging.cpp")
    repository("add", "-A")
    repository("commit", "-qm", "all")
    with tarfile.open(tmp_path / "class" / "ben.tar", "w") as file:
        file.add(tmp_path / "class" / "anna", "labs")
    left = ["buddy (1).cpp", "mm/buddy.cpp", "old/Paging.cpp", "lab (a link)"]
    found = entries(tmp_path / "class")
    (ref,) = gather.from_refs(tmp_path / "repo", "ben")
    for entry, top in ((found["anna"], ""), (found["ben"], "labs/"), (ref, "")):
        whole = entry.take(["buddy.cpp", "paging.cpp"])
        assert whole.files == {"buddy.cpp": BUDDY}
        assert list(whole.left) == [top + path for path in left]
        assert whole.remark == "not taken: " + ", ".join(whole.left)


@pytest.mark.parametrize("what", ["nothing", "no folder", "empty"])
def test_a_class_without_submissions_is_an_error(tmp_path: Path, what: str) -> None:
    path = tmp_path / "class"
    if what != "nothing":
        path.touch() if what == "no folder" else path.mkdir()
    with pytest.raises(GraderError, match=str(path)):
        gather.from_folder(path, labs.all_labs())


# ---- Folders ----

@pytest.mark.parametrize("place", ["", "mm", "kernel/mm", "os-labs", "os-labs/kernel/mm", "a/b/mm"])
def test_files_are_found_in_their_places(tmp_path: Path, place: str) -> None:
    put(tmp_path / "anna" / place / "buddy.cpp")
    put(tmp_path / "anna" / ".git" / "buddy.cpp", OTHER)
    assert taken(tmp_path) == {"buddy.cpp": BUDDY}


def test_the_first_place_counts(tmp_path: Path) -> None:
    put(tmp_path / "anna" / "kernel" / "mm" / "buddy.cpp")
    put(tmp_path / "anna" / "mm" / "buddy.cpp", OTHER)
    put(tmp_path / "anna" / "mm" / "paging.cpp")
    assert taken(tmp_path) == {"buddy.cpp": BUDDY, "paging.cpp": BUDDY}


def test_nothing_is_looked_for_where_two_folders_might_be_meant(tmp_path: Path) -> None:
    put(tmp_path / "anna" / "old" / "buddy.cpp", OTHER)
    put(tmp_path / "anna" / "new" / "buddy.cpp")
    assert taken(tmp_path) == {}


def test_no_link_is_followed(tmp_path: Path) -> None:
    secret = put(tmp_path / "solutions" / "buddy.cpp", OTHER)
    (tmp_path / "class" / "anna").mkdir(parents=True)
    (tmp_path / "class" / "anna" / "buddy.cpp").symlink_to(secret)
    (tmp_path / "class" / "ben").mkdir()
    (tmp_path / "class" / "ben" / "mm").symlink_to(secret.parent)
    (tmp_path / "class" / "carl").mkdir()
    (tmp_path / "class" / "carl" / "labs").symlink_to(secret.parent)
    assert taken(tmp_path / "class") == {"buddy.cpp": Odd.LINK}
    assert taken(tmp_path / "class", "ben") == taken(tmp_path / "class", "carl") == {}


def test_what_is_no_plain_file_is_only_named(tmp_path: Path) -> None:
    import os
    put(tmp_path / "anna" / "buddy.cpp", b"x" * (gate.MAX_SOURCE + 1))
    os.mkfifo(tmp_path / "anna" / "paging.cpp")
    assert taken(tmp_path) == {"buddy.cpp": Odd.LARGE, "paging.cpp": Odd.SPECIAL}


def test_what_is_odd_is_laid_out_so_that_the_gate_rejects_it(tmp_path: Path) -> None:
    files = {"buddy.cpp": Odd.LINK, "malloc.cpp": Odd.SPECIAL, "paging.cpp": Odd.LARGE,
             "vpalloc.cpp": BUDDY}
    lay_out(files, tmp_path / "s")
    said = {}
    for name in files:
        try:
            said[name] = gate.read_source(tmp_path / "s" / name)
        except gate.Rejected as error:
            said[name] = str(error)
    assert said["vpalloc.cpp"] == BUDDY
    assert "is a link" in said["buddy.cpp"]
    assert "no plain file" in said["malloc.cpp"]
    assert "are the most" in said["paging.cpp"]


def test_the_digest_tells_any_two_submissions_apart() -> None:
    some = [({}, ""), ({}, "damaged"), ({"a": b""}, ""), ({"a": b"b"}, ""), ({"ab": b""}, ""),
            ({"a": Odd.LINK}, ""), ({"a": b"a link"}, ""), ({"a": b"", "b": b""}, "")]
    assert len({digest(files, refusal) for files, refusal in some}) == len(some)


# ---- Archives ----

def tar(path: Path, *members: tuple, mode: str = "w") -> Path:
    """Makes a tarball of (path, content, attributes)."""
    with tarfile.open(path, mode) as file:
        for name, content, *about in members:
            add(file, name, content, **(about[0] if about else {}))
    return path


def zipped(path: Path, *members: tuple) -> Path:
    """Makes a zip of (path or ZipInfo, content)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members:
            file.writestr(name, content)
    return path


@pytest.mark.parametrize("suffix", ["tar", "tar.gz", "tgz", "tar.bz2", "tar.xz", "zip"])
@pytest.mark.parametrize("top", ["", "os-labs/", "./"])
def test_archives_of_all_kinds(tmp_path: Path, suffix: str, top: str) -> None:
    members = ((f"{top}kernel/mm/buddy.cpp", BUDDY), (f"{top}README", b"hello"),
               ("__MACOSX/._buddy.cpp", b"\0"))
    path = tmp_path / f"anna.{suffix}"
    if suffix == "zip":
        zipped(path, *members)
    else:
        tar(path, *members, mode="w:" + {"tgz": "gz"}.get(suffix, suffix.partition(".")[2]))
    assert taken(tmp_path) == {"buddy.cpp": BUDDY}


def test_the_only_archive_in_a_folder_is_meant(tmp_path: Path) -> None:
    folder = tmp_path / "Anna_7_assignsubmission_file_"
    folder.mkdir()
    tar(folder / "labs.tar", ("buddy.cpp", BUDDY))
    assert taken(tmp_path, "Anna_7") == {"buddy.cpp": BUDDY}
    tar(folder / "labs-2.tar", ("buddy.cpp", OTHER))
    with pytest.raises(Refused, match="2 archives: which one counts"):
        taken(tmp_path, "Anna_7")


def huge_zip(path: Path) -> None:
    """42 KiB that would be 300 MiB."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        with file.open("kernel/mm/malloc.o", "w", force_zip64=True) as member:
            for _ in range(300):
                member.write(bytes(1 << 20))


def encrypted_zip(path: Path) -> None:
    """A zip whose only member says that it needs a password."""
    zipped(path, ("buddy.cpp", BUDDY))
    content = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        content[content.index(signature) + offset] |= 1
    path.write_bytes(content)


def lying_zip(path: Path) -> None:
    """A member that is larger than the table says."""
    zipped(path, ("buddy.cpp", b"x" * 5000))
    content = path.read_bytes()
    path.write_bytes(content.replace((5000).to_bytes(4, "little"), (50).to_bytes(4, "little")))


def nameless_zip(path: Path) -> None:
    """A member whose name has no letter, of which Python's own module takes the last."""
    content = bytearray(zipped(path, ("a", BUDDY)).read_bytes())
    table, end = content.index(b"PK\1\2"), content.index(b"PK\5\6")
    content[table + 28], content[end + 12] = 0, content[end + 12] - 1
    del content[table + 46]
    path.write_bytes(content)


HOSTILE: dict[str, tuple[Callable[[Path], object], str]] = {
    "climbs out": (lambda p: tar(p, ("../../mm/buddy.cpp", OTHER)), "a path inside the archive"),
    "climbs out, zipped": (lambda p: zipped(p, ("../buddy.cpp", OTHER)), "a path inside the archive"),
    "climbs out, by Windows": (lambda p: zipped(p, ("..\\buddy.cpp", OTHER)), "a path inside"),
    "absolute": (lambda p: tar(p, ("/etc/buddy.cpp", OTHER)), "a path inside the archive"),
    "twice": (lambda p: tar(p, ("mm/buddy.cpp", BUDDY), ("mm/buddy.cpp", OTHER)), "in it twice"),
    "twice, spelled differently": (lambda p: tar(p, ("buddy.cpp", BUDDY), ("./buddy.cpp", OTHER)),
                                   "in it twice"),
    "twice, zipped": (lambda p: zipped(p, ("buddy.cpp", BUDDY), ("buddy.cpp", OTHER)), "in it twice"),
    "everywhere": (lambda p: tar(p, *((f"{i}/buddy.cpp", OTHER) for i in range(40))), "32 times"),
    "too many": (lambda p: tar(p, *((f"{i}", b"") for i in range(20_001))), "too large"),
    "a bomb": (huge_zip, "too large"),
    "a bomb of zeros": (lambda p: tar(p, ("big", bytes(260 << 20)), mode="w:gz"), "too large"),
    "a long name": (lambda p: p.write_bytes(long_name()), "damaged|too much"),
    "names of megabytes": (lambda p: tar(p, *((f"{'a/' * 500_000}{i}/Buddy.cpp", b"") for i in range(5)), mode="w:gz"),
                           "too large: .* of names"),
    "a size below zero": (lambda p: p.write_bytes(below_zero()), "damaged"),
    "encrypted": (encrypted_zip, "^buddy.cpp in it can't be opened without a password$"),
    "lies about its size": (lying_zip, "^buddy.cpp in it is damaged$"),
    "without a name": (nameless_zip, "damaged"),
    "no archive": (lambda p: p.write_bytes(b"hello"), "damaged, or no zip or tar archive"),
    "empty": (lambda p: p.write_bytes(b""), "damaged, or no zip or tar archive"),
    "half a zip": (lambda p: p.write_bytes(zipped(p, ("buddy.cpp", BUDDY)).read_bytes()[:60]),
                   "damaged"),
    "half a tarball": (lambda p: p.write_bytes(
        tar(p, ("a", bytes(range(256)) * 99), mode="w:gz").read_bytes()[:300]), "damaged"),
}


def long_name() -> bytes:
    """A tar header whose name is to be 8 GiB long."""
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 8 << 30
    return info.tobuf(tarfile.GNU_FORMAT) + bytes(1 << 20)


def below_zero() -> bytes:
    """A tarball with a file of less than no bytes."""
    info = tarfile.TarInfo("mm/buddy.cpp")
    info.size = -256
    return info.tobuf(tarfile.GNU_FORMAT) + bytes(1024)


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_archive_is_refused(tmp_path: Path, what: str) -> None:
    make, message = HOSTILE[what]
    (tmp_path / "class").mkdir()
    make(tmp_path / "class" / "anna.zip")  # what it is says its content, and not its name
    with pytest.raises(Refused, match=message):
        taken(tmp_path / "class")
    assert [path.name for path in tmp_path.rglob("*.cpp")] == []


def test_a_remark_quotes_no_path_as_a_whole(tmp_path: Path) -> None:
    tar(tmp_path / "anna.tar", ("a/" * 300_000 + "Buddy.cpp", BUDDY))
    remark = entries(tmp_path)["anna"].take(["buddy.cpp"]).remark
    assert remark.startswith("not taken: …/a/a/") and remark.endswith("/a/Buddy.cpp") and len(remark) < 300


def test_links_and_devices_in_archives_are_nothing_but_odd(tmp_path: Path) -> None:
    tar(tmp_path / "anna.tar",
        ("buddy.cpp", b"", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}),
        ("paging.cpp", b"", {"type": tarfile.CHRTYPE, "devmajor": 1, "devminor": 5}),
        ("docs", b"", {"type": tarfile.SYMTYPE, "linkname": "/"}))
    assert taken(tmp_path) == {"buddy.cpp": Odd.LINK, "paging.cpp": Odd.SPECIAL}
    link = zipfile.ZipInfo("buddy.cpp")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    zipped(tmp_path / "ben.zip", (link, b"/etc/passwd"), ("mm/paging.cpp", b"x" * (gate.MAX_SOURCE + 1)))
    assert taken(tmp_path, "ben") == {"buddy.cpp": Odd.LINK, "paging.cpp": Odd.LARGE}


def test_names_of_any_case_and_encoding_are_only_looked_at(tmp_path: Path) -> None:
    tar(tmp_path / "anna.tar", ("BUDDY.CPP", OTHER), ("buddy.cpp", BUDDY), ("Buddy.cpp", OTHER),
        ("caf\udce9.txt", b""), ("a\nb\x1b[2J", b""))
    assert taken(tmp_path) == {"buddy.cpp": BUDDY}


def test_another_programs_archive_is_named(tmp_path: Path) -> None:
    put(tmp_path / "anna.7z")
    with pytest.raises(Refused, match="a .7z archive can't be opened here: zip or tar was expected"):
        taken(tmp_path)


def test_a_pipe_with_an_archives_name_keeps_nobody_waiting(tmp_path: Path) -> None:
    import os
    os.mkfifo(tmp_path / "anna.zip")
    with pytest.raises(Refused, match="no plain file"):
        taken(tmp_path)


def test_archives_are_opened_without_boxes_too(tmp_path: Path,
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "degraded", lambda: "no boxes here")
    tar(tmp_path / "anna.tar", ("buddy.cpp", BUDDY))
    assert taken(tmp_path) == {"buddy.cpp": BUDDY}


# ---- Git ----

@pytest.fixture
def repository(tmp_path: Path) -> Callable[..., None]:
    """Runs git in a new repository, which tmp_path/repo is."""
    def git(*arguments: str) -> None:
        subprocess.run(["git", "-C", tmp_path / "repo", "-c", "user.name=A", "-c", "user.email=a@b",
                        *arguments], check=True, capture_output=True)
    (tmp_path / "repo").mkdir()
    git("init", "-q", "-b", "anna")
    put(tmp_path / "repo" / "kernel" / "mm" / "buddy.cpp")
    (tmp_path / "repo" / "paging.cpp").symlink_to("/etc/passwd")
    git("add", "-A")
    git("commit", "-qm", "anna's")
    git("tag", "-am", "", "lab-1/anna")
    git("checkout", "-qb", "ben")
    put(tmp_path / "repo" / "kernel" / "mm" / "buddy.cpp", OTHER)
    git("commit", "-qam", "ben's")
    return git


@pytest.mark.parametrize(("wanted", "ids"), [
    ("anna ben", ["anna", "ben"]), ("b*", ["ben"]), ("refs/heads/*", ["anna", "ben"]),
    ("refs/tags/lab-1/* ben", ["ben", "lab-1/anna"]), ("anna~0", ["anna~0"]),
])
def test_refs_are_submissions(tmp_path: Path, repository: Callable, wanted: str, ids: list) -> None:
    found = {entry.id: entry for entry in gather.from_refs(tmp_path / "repo", wanted)}
    assert list(found) == ids
    for student, entry in found.items():
        files = entry.take(["buddy.cpp", "paging.cpp", "malloc.cpp"]).files
        assert files == {"buddy.cpp": OTHER if student == "ben" else BUDDY, "paging.cpp": Odd.LINK}


def test_a_tag_called_like_a_branch_is_not_graded_in_its_place(tmp_path: Path, repository: Callable) -> None:
    repository("tag", "ben", "anna")
    for wanted, id_ in (("ben", "ben"), ("b*", "ben"), ("refs/heads/ben", "refs/heads/ben")):
        found = {entry.id: entry for entry in gather.from_refs(tmp_path / "repo", wanted)}
        assert found[id_].take(["buddy.cpp"]).files == {"buddy.cpp": OTHER}


@pytest.mark.parametrize("name", ["l\u2028ine", "n\u0085el", "v\u2029", "\udcff", "a\u200db", "-x", "refs/heads/ben"])
def test_any_name_that_git_allows_is_a_submission(tmp_path: Path, repository: Callable, name: str) -> None:
    repository("update-ref", f"refs/heads/{name}", "anna")
    entries = gather.from_refs(tmp_path / "repo", "refs/heads/*" if "/" not in name else "refs/heads/**")
    assert len({entry.id for entry in entries}) == len({entry.folder for entry in entries}) == 3
    assert all(entry.id.isprintable() for entry in entries)
    assert sorted(entry.take(["buddy.cpp"]).files["buddy.cpp"] for entry in entries) == sorted([BUDDY, BUDDY, OTHER])


Made = Callable[[str, bytes], str]


@pytest.fixture
def made(tmp_path: Path, repository: Callable) -> Made:
    """Puts an object of a kind into the repository, whatever git would say of it: its name. A commit's branch is
    `made`."""
    def put_in(kind: str, content: bytes) -> str:
        name = subprocess.run(["git", "-C", tmp_path / "repo", "hash-object", "-t", kind, "-w", "--stdin", "--literally"],
                              input=content, capture_output=True, check=True).stdout.decode().strip()
        if kind == "commit":
            repository("update-ref", "refs/heads/made", name)
        return name
    return put_in


def tree_of(*members: tuple[str, str]) -> bytes:
    """A tree's content: modes with names, and the objects'."""
    return b"".join(name.encode() + b"\0" + bytes.fromhex(what) for name, what in members)


def commit_of(tree: str, message: bytes = b"x") -> bytes:
    """A commit's content."""
    return b"tree %s\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\n%s\n" % (tree.encode(), message)


def test_a_tree_of_a_billion_paths_is_not_read(tmp_path: Path, made: Made) -> None:
    tree = made("tree", tree_of(("100644 x", made("blob", b"x"))))
    for _ in range(9):
        tree = made("tree", tree_of(*((f"40000 {i}", tree) for i in range(10))))
    made("commit", commit_of(tree))
    (entry,) = gather.from_refs(tmp_path / "repo", "made")
    assert entry.take(["buddy.cpp"]).files == {}
    large = made("commit", commit_of(made("tree", tree_of(*((f"100644 {i:07}", "00" * 20) for i in range(200_000))))))
    with pytest.raises(Refused, match="more names than anybody looks at"):
        refs.take(tmp_path / "repo", large, ["buddy.cpp"])


DAMAGED: dict[str, Callable[[Made], bytes]] = {
    "a file is a folder": lambda made: commit_of(made("tree", tree_of(("100644 buddy.cpp", made("tree", b""))))),
    "a folder is a file": lambda made: commit_of(made("tree", tree_of(("40000 kernel", made("blob", b"x"))))),
    "half a tree": lambda made: commit_of(made("tree", b"100644 buddy.cpp\0abc")),
    "a name of nothing": lambda made: commit_of(made("tree", tree_of(("100644 ", made("blob", b"x"))))),
    "a file for a tree": lambda made: commit_of(made("blob", b"x")),
    "a message of two megabytes": lambda made: commit_of(made("tree", b""), bytes(2 << 20)),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_commit_that_makes_no_sense_is_its_authors_and_no_fault_of_gits(tmp_path: Path, made: Made, what: str) -> None:
    made("commit", DAMAGED[what](made))
    (entry,) = gather.from_refs(tmp_path / "repo", "made")
    with pytest.raises(Refused, match="it is damaged: |larger than any message"):
        entry.take(["buddy.cpp"])


def test_an_object_that_is_missing_is_nobodys_fault(tmp_path: Path, made: Made) -> None:
    made("commit", commit_of(made("tree", tree_of(("100644 buddy.cpp", "11" * 20)))))
    (entry,) = gather.from_refs(tmp_path / "repo", "made")
    with pytest.raises(Infrastructure, match="is missing"):
        entry.take(["buddy.cpp"])


def test_a_tag_of_no_commit_stops_nobody_else(tmp_path: Path, repository: Callable, made: Made) -> None:
    repository("tag", "carl", made("blob", b"x"))
    found = {entry.id: entry for entry in gather.from_refs(tmp_path / "repo", "refs/tags/**")}
    assert list(found) == ["carl", "lab-1/anna"]
    with pytest.raises(Refused, match="no commit"):
        found["carl"].take(["buddy.cpp"])


def test_neither_hooks_nor_filters_have_a_say(tmp_path: Path, repository: Callable) -> None:
    repository("config", "filter.evil.smudge", f"touch {tmp_path}/ran")
    repository("config", "core.fsmonitor", f"touch {tmp_path}/ran")
    put(tmp_path / "repo" / ".gitattributes", b"*.cpp filter=evil\n")
    put(tmp_path / "repo" / ".git" / "hooks" / "post-checkout",
        f"#!/bin/sh\ntouch {tmp_path}/ran\n".encode()).chmod(0o755)
    (tmp_path / "ran").unlink(missing_ok=True)
    (entry,) = gather.from_refs(tmp_path / "repo", "ben")
    assert entry.take(["buddy.cpp"]).files == {"buddy.cpp": OTHER}
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("url", ["{}/repo", "ext::sh -c touch% {}/ran"])
def test_an_object_that_is_missing_is_fetched_from_nowhere(tmp_path: Path, repository: Callable, url: str) -> None:
    for name, value in {"core.repositoryFormatVersion": "1", "extensions.partialClone": "evil", "remote.evil.promisor": "true",
                        "remote.evil.url": url.format(tmp_path), "remote.evil.uploadpack": f"touch {tmp_path}/ran;",
                        "protocol.file.allow": "always", "protocol.ext.allow": "always"}.items():
        repository("config", name, value)
    lost = subprocess.check_output(["git", "-C", tmp_path / "repo", "rev-parse", "ben:kernel/mm/buddy.cpp"], text=True).strip()
    (tmp_path / "repo" / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    (entry,) = gather.from_refs(tmp_path / "repo", "ben")
    with pytest.raises(GraderError):
        entry.take(["buddy.cpp"])
    assert not (tmp_path / "ran").exists()


def test_what_was_committed_counts_and_not_what_it_is_replaced_with(tmp_path: Path,
                                                                    repository: Callable) -> None:
    repository("replace", "ben:kernel/mm/buddy.cpp", "anna:kernel/mm/buddy.cpp")
    (entry,) = gather.from_refs(tmp_path / "repo", "ben")
    assert entry.take(["buddy.cpp"]).files == {"buddy.cpp": OTHER}


@pytest.mark.parametrize(("repo", "wanted", "message"), [
    ("nowhere", "anna", "there is no .*nowhere"), ("plain", "anna", "not a git repository"),
    ("repo", "carl", "REFS=carl"), ("repo", "c*", "REFS=c"), ("repo", "", "REPO= needs REFS="),
    ("repo", "--output=x", "REFS=--output=x"),
])
def test_what_is_wrong_with_refs_is_said(tmp_path: Path, repository: Callable, repo: str, wanted: str,
                                         message: str) -> None:
    (tmp_path / "plain").mkdir()
    with pytest.raises(GraderError, match=message):
        gather.from_refs(tmp_path / repo, wanted)
