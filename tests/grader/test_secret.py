"""Official runs: seeds from a secret, an image laid out anew, looks at the memory while it stands still."""

from __future__ import annotations

import hmac
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import ROOT, SKELETON

from grader.building import build
from grader.course import secret
from grader.errors import GraderError
from grader.evidence import executed, integrity, looks
from grader.evidence.records import Record
from grader.grading.play import Player
from grader.scenarios.scenario import Scenario, operations
from grader.scenarios.stream import Stream

SECRET = b"a secret of thirty-two bytes, no less"
PLAYED = Scenario("buddy", "s", operations("init 8\nfree 0 8\na = alloc 3 8\nalloc 9 9\nfree a"))


def test_a_seed_is_the_hmac_of_student_and_attempt() -> None:
    message = b"\0\0\0\x03ada" b"\0\0\0\x012"
    assert secret.official_seed(SECRET, "ada", "2") == (
        "official-" + hmac.new(SECRET, message, "sha256").hexdigest())


def test_no_two_students_or_attempts_share_a_seed() -> None:
    pairs = [("ada", "1"), ("ada", "2"), ("ad", "a1"), ("ada1", ""), ("", "ada1"), ("bob", "1")]
    assert len({secret.official_seed(SECRET, *pair) for pair in pairs}) == len(pairs)
    assert secret.official_seed(b"another", "ada", "1") != secret.official_seed(SECRET, "ada", "1")


def test_each_lab_has_a_key_of_its_own_and_the_public_ones_say_nothing() -> None:
    seed = secret.official_seed(SECRET, "ada", "1")
    keys = {secret.key(s, lab) for s in (seed, "1") for lab in ("buddy", "malloc")}
    assert len(keys) == 4
    assert all(0 <= key < 1 << 32 for key in keys)
    assert (secret.layout(seed), secret.layout("1")) == (seed, "")


def test_the_secret_comes_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.write_bytes(SECRET + b"\n")
    assert secret.seed("", path, "ada", "") == secret.official_seed(SECRET, "ada", "1")
    assert secret.seed("", path, "ada", "7") == secret.official_seed(SECRET, "ada", "7")
    assert secret.seed("", path, "", "") == ""
    assert secret.seed("", None, "ada", "") == ""
    assert secret.seed("5", path, "ada", "") == "5"


def test_the_command_that_is_told_makes_a_secret_that_nobody_else_reads(tmp_path: Path) -> None:
    """Also that in the instructors' page, which says the same of secret.key."""
    path = tmp_path / "secret.key"
    with pytest.raises(GraderError) as told:
        secret.read(path)
    command = str(told.value).split("`")[1]
    subprocess.run(["sh", "-c", f"umask 022; {command}"], check=True)
    assert len(secret.read(path)) == 44 and not secret.others_may_read(path)
    path.chmod(0o640)
    assert secret.others_may_read(path) and not secret.others_may_read(tmp_path / "none")
    page = (ROOT / "docs" / "instructor-guide.md").read_text("utf-8")
    assert f"`{command.replace(str(path), 'secret.key')}`" in page


@pytest.mark.parametrize(("given", "text", "student", "attempt", "says"), [
    ("", None, "ada", "1", "which needs a secret: SECRET=file"),
    ("", SECRET, "", "2", "ATTEMPT= goes with STUDENT="),
    ("", b" short \n", "ada", "", "has 5 bytes: 16 or more"),
    ("", b"", "ada", "", "can't be read"),
])
def test_what_makes_no_official_run(tmp_path: Path, given: str, text: bytes | None, student: str,
                                    attempt: str, says: str) -> None:
    path = None if text is None else tmp_path / "secret.key"
    if text:
        path.write_bytes(text)
    with pytest.raises(GraderError, match=says):
        secret.seed(given, path, student, attempt)


def test_an_official_run_of_the_reference(tmp_path: Path, grade: Callable) -> None:
    """Full marks; its seed plays it again; the results of another student's have another."""
    path = tmp_path / "secret.key"
    path.write_bytes(SECRET)
    first = grade(ROOT / "solutions", "--student", "ada", "--secret", str(path))
    assert first.results["score"] == 100
    assert first.results["seed"] == secret.official_seed(SECRET, "ada", "1")
    again = grade(ROOT / "solutions", "--seed", first.results["seed"])
    assert again.results == first.results


def test_a_secret_without_a_student_is_no_official_run(tmp_path: Path, grade: Callable) -> None:
    """Who names one believes that it is."""
    (tmp_path / "secret.key").write_bytes(SECRET)
    graded = grade(ROOT / "solutions", "--secret", str(tmp_path / "secret.key"))
    assert graded.status == 2 and graded.results is None
    assert "SECRET= goes with STUDENT=" in graded.output


# --- The image ---

def test_another_layout_is_the_same_kernel_at_other_addresses(toolchain: build.Toolchain) -> None:
    images = [build.image(toolchain, {}, layout=layout) for layout in ("", "one", "two")]
    codes = [executed.code_of(image) for image in images]
    assert len({code.text for code in codes}) == 3
    assert build.image(toolchain, {}, layout="one") == images[1]
    logs = [[(r.text, r.outcome) for r in played.run.records] for image in images
            for played in Player(image).play([PLAYED])]
    assert logs[0] == logs[1] == logs[2]


# --- Looks ---

def test_two_scenarios_of_a_boot_are_looked_at() -> None:
    batch = [PLAYED] * 10
    looked = looks.add(batch, Stream("s"))
    assert [looks.looked_at(s) for s in looked].count(True) == looks.LOOKS
    assert looks.add(batch, Stream("s")) == looked != looks.add(batch, Stream("t"))
    assert [tuple(op for op in s.operations if op.verb != looks.INSPECT) for s in looked] == [
        PLAYED.operations] * 10


def test_a_look_disturbs_nothing() -> None:
    """Not in a quiet stretch, not between a free and what follows, not at the very end."""
    text = "init 8\nfree 0 8\nquiet\nalloc 1 1\nloud\na = alloc 1 1\nfree a\nfree a\nalloc 1 1"
    assert looks.places(Scenario("buddy", "s", operations(text))) == [1, 5, 6]
    assert looks.places(Scenario("buddy", "s", operations("init 8"))) == []


def looked_at(image: Path) -> Record:
    """The record of an inspection, with what was seen."""
    (played,) = Player(image, looks=Stream("s")).play([PLAYED])
    assert played.damage == ""
    (record,) = [r for r in played.run.records if r.verb == looks.INSPECT]
    return record


def test_a_look_sees_the_kernel_as_it_was_built(toolchain: build.Toolchain,
                                                reference_image: Path) -> None:
    record = looked_at(reference_image)

    def damage(image: Path = reference_image, shift: int = 9, **changes: object) -> str:
        return integrity.damage(image, record.snapshot, replace(record, **changes), shift)

    assert damage() == ""
    assert "code or constants" in damage(build.image(toolchain, {}, layout="one"))
    assert damage(check_before=1).startswith("the check value of the records so far is 0x")
    assert damage(number=77) == ("the number of the operation before is "
                                 f"{record.number - 1:#x} in the kernel's memory, and should be 0x4c")
    assert damage(shift=8) == "the shift of the clock is 0x9 in the kernel's memory, and should be 0x8"


def test_a_look_sees_the_interrupt_table(reference_image: Path) -> None:
    record = looked_at(reference_image)
    elsewhere = replace(record.snapshot, idt=record.snapshot.idt + 8)
    assert integrity.damage(reference_image, elsewhere, record, 9) == (
        "the interrupt table leads elsewhere")


def test_a_look_sees_where_the_image_is_mapped(reference_image: Path) -> None:
    record = looked_at(reference_image)
    snapshot, code = record.snapshot, executed.code_of(reference_image)
    index, slot = code.virtual >> 22, code.virtual >> 12 & 1023
    table = list(snapshot.tables[index])
    table[slot + 1] ^= 0x5000
    moved = replace(snapshot, tables={**snapshot.tables, index: tuple(table)})
    assert integrity.damage(reference_image, moved, record, 9) == "a page of the kernel's image is mapped elsewhere"


def test_the_copy_of_the_memory(reference_image: Path) -> None:
    snapshot = looked_at(reference_image).snapshot
    code = executed.code_of(reference_image)
    assert snapshot.memory.read(code.physical + 5, 8000) == code.text[5:8005]
    assert snapshot.at(code.virtual + 5, 8000) == code.text[5:8005]
    assert snapshot.memory.read((32 << 20) - 4, 5) is None
    assert snapshot.at(0xFFFFFFF0, 4) is None
    assert snapshot.page(code.virtual) == (code.physical, 1)


def test_a_submission_that_takes_the_looks_for_its_own(toolchain: build.Toolchain,
                                                       tmp_path: Path) -> None:
    """Variables of the names that the grader looks for are not the kit's."""
    source = tmp_path / "buddy.cpp"
    source.write_text(SKELETON.replace("BODY", "return tsc_shift++ + record_crc++;").replace(
        "size_t buddy_state_size", "unsigned tsc_shift, record_crc; size_t buddy_state_size", 1))
    image = build.image(toolchain, {"buddy.cpp": source})
    (played,) = Player(image, looks=Stream("s")).play([PLAYED])
    assert played.damage == ""
