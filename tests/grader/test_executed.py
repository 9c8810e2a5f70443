"""Which code ran: grader/evidence/executed.py, on traces made by hand, and on the machine's own."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from grader.building import build
from grader.course import labs
from grader.emulators import qemu
from grader.errors import Infrastructure
from grader.evidence import disassembly, executed
from grader.scenarios import scenario

TEXT = bytes(range(256)) * 16 + b"\x8b\x01\xcd\x30" + bytes(4092)  # the last page is ring 3's
VIRTUAL, PHYSICAL, ENTRY = 0xC0000000, 0x100000, 0x0C


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An ELF file with two segments, of which the second is code; no instruction begins at 0x41."""
    monkeypatch.setattr(disassembly, "listing", lambda _: b"".join(
        b"%8x:\t%02x   \tsome\n" % (VIRTUAL + i, TEXT[i]) for i in range(len(TEXT)) if i != 0x41))
    header = struct.pack("<16s2H5I6H", b"\x7fELF", 2, 3, 1, VIRTUAL + ENTRY, 52, 0, 0, 52, 32, 2,
                         0, 0, 0)
    data = struct.pack("<8I", 1, 0, 0, 0, 52, 52, 6, 4096)
    code = struct.pack("<8I", 1, 116, VIRTUAL, PHYSICAL, len(TEXT), len(TEXT), 5, 4096)
    path = tmp_path / "image"
    path.write_bytes(header + data + code + TEXT)
    return path


def trace(*instructions: tuple[int, str]) -> bytes:
    """What QEMU writes, the boot loader's and the kernel's first instructions included."""
    listed = [(0xFFFFFFF0, "e9 8d ff"), (PHYSICAL + ENTRY, "0c 0d"), *instructions]
    shown = [(address, code.removesuffix("...") if code.endswith("...") else f"{code:<23}  some %eax")
             for address, code in listed]
    return b"".join(b"----------------\nIN: \n0x%08x:  %s\n\n" % (address, text.encode())
                    for address, text in shown)


def blocks(*begun: tuple[int, str]) -> bytes:
    """The same of a QEMU without Capstone: blocks, their bytes in lines of 32."""
    def lines(code: str) -> bytes:
        digits = code.replace(" ", "")
        return b"".join(b"OBJD-T: %s\n" % digits[i:i + 64].encode() for i in range(0, len(digits), 64))
    return b"".join(b"----------------\nIN: \n0x%08x:  \n%s\n" % (address, lines(code)) for address, code in
                    [(0xFFFFFFF0, "e9 8d ff"), (PHYSICAL + ENTRY, "0c 0d"), *begun])


@pytest.mark.parametrize("instruction", [
    (VIRTUAL + 0x20, "20 21 22"),
    (VIRTUAL + len(TEXT) - 2, "00 00"),
    (PHYSICAL + 0x105, "05"),
    (0x3FC00000, "8b 01"),
    (0x3FC00002, "cd 30"),
])
def test_the_images_own_code(image: Path, instruction: tuple[int, str]) -> None:
    assert executed.foreign(trace(instruction), image) == ""
    assert executed.foreign(blocks(instruction), image) == ""


@pytest.mark.parametrize("instruction", [
    (VIRTUAL + 0x20, "20 21 23"),
    (VIRTUAL + len(TEXT) - 1, "00 00"),
    (VIRTUAL + len(TEXT), "90"),
    (VIRTUAL - 1, "ee"),
    (VIRTUAL + 0x41, "41 42"),  # the middle of an instruction
    (0x90000, "ee"),
    (0x3FC00000, "cd 30"),
])
def test_any_other_code(image: Path, instruction: tuple[int, str]) -> None:
    address, code = instruction
    says = executed.foreign(trace((VIRTUAL, "00 01"), instruction, (VIRTUAL, "00")), image)
    assert says.startswith(f"the CPU ran {code} at {address:#010x}: no code of the kernel")
    says = executed.foreign(blocks((VIRTUAL, "00 01"), instruction, (VIRTUAL, "00")), image)
    assert "no code of the kernel" in says  # where the bytes begin to be others


def test_a_block_is_cut_as_the_image_is(image: Path) -> None:
    own = (VIRTUAL + 0x50, TEXT[0x50:0x50 + 70].hex(" "))
    assert executed.foreign(blocks(own), image) == ""
    changed = (VIRTUAL + 0x50, TEXT[0x50:0x50 + 69].hex(" ") + " 00" + " 90" * 40)
    assert executed.foreign(blocks(changed), image).startswith(f"the CPU ran 00{' 90' * 14} at {VIRTUAL + 0x50 + 69:#x}: no")
    told, = executed.reached(blocks(own), [], image)
    assert told == {0xFFFFFFF0, PHYSICAL + ENTRY, *range(VIRTUAL + 0x50, VIRTUAL + 0x50 + 70)}


def test_a_machine_that_does_not_tell_is_not_graded_on(reference_image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executed, "LOG", "guest_errors")
    buddy = labs.find("buddy")
    played = scenario.Scenario(buddy.slug, "t", scenario.operations("init 8"))
    with pytest.raises(Infrastructure, match="does not say which instructions it runs"):
        qemu.boot(reference_image, scenario.script([played]))


def test_long_instructions_stand_on_two_lines(image: Path) -> None:
    first = (VIRTUAL + 0x39, "39 3a 3b 3c 3d 3e 3f 40")
    assert executed.foreign(trace(first, (VIRTUAL + 0x41, "41 42...")), image) == ""
    assert executed.foreign(trace(first, (VIRTUAL + 0x41, "41...")), image) == ""
    assert executed.foreign(trace(first, (VIRTUAL + 0x41, "43...")), image)


def test_what_the_boot_loader_runs_is_its_business(image: Path) -> None:
    loader = b"IN: \n0x00001000:  ee                       outb %al, %dx\n\n"
    assert executed.foreign(loader + trace(), image) == ""
    assert executed.foreign(loader, image) == ""
    assert executed.foreign(trace() + loader, image)


def test_a_machine_is_astray_that_runs_no_code_of_ours_any_more(image: Path) -> None:
    own, nowhere = (VIRTUAL + 0x20, "20 21 22"), [(0x40000000 + 2 * i, "ee ee") for i in range(200)]
    for told in trace, blocks:
        assert executed.is_astray(told(own, *nowhere), image)
        assert executed.is_astray(told(own, *nowhere)[:-25], image)  # as far as it was written
        assert not executed.is_astray(told(*nowhere, own), image)
        assert not executed.is_astray(told(*[own] * 200), image)
    assert executed.is_astray(trace() + b"IN: \n0x40000000: unable to read memory\n" * 200, image)


def test_where_the_boot_loader_runs_nobody_is_astray(image: Path) -> None:
    loader = b"IN: \n0x00001000:  ee                       outb %al, %dx\n\n" * 200
    assert not executed.is_astray(loader, image)
    assert not executed.is_astray(loader + trace(), image)
    assert not executed.is_astray(b"", image)


def test_what_else_is_in_a_trace() -> None:
    for listed in trace(), blocks():
        assert executed.without_code(b"CPU Reset\n" + listed + b"Triple fault\n").split() == [
            b"CPU", b"Reset", b"Triple", b"fault"]


def test_the_machine_says_what_it_runs(reference_image: Path, toolchain: build.Toolchain) -> None:
    """The same boot, compared with its own image and with another."""
    buddy = labs.find("buddy")
    played = scenario.Scenario(buddy.slug, "t", scenario.operations("init 8\nfree 0 8\nalloc 3 8"))
    assert qemu.boot(reference_image, scenario.script([played])).foreign == ""
    code = executed.code_of(reference_image)
    assert code.virtual == toolchain.kernel_base
    assert code.physical == 0x100000
    assert code.holds(code.entry, b"\xfa")  # cli
    assert not code.holds(code.entry + 3, b"")  # within: mov %eax, %edx
    assert code.holds(code.entry + 3, b"", begins=False)
