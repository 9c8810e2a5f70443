"""Which code the machine ran: what QEMU translated, instruction by instruction, against the image.

QEMU writes down every instruction when it first translates it (`-d in_asm`), and again after it was
written over. The guest has no hand in that. So code that was made in the guest, bytes of data or the
middle of an instruction that were jumped to, and kernel code that was changed while it ran are all seen,
also if they were put back later. A QEMU without Capstone lists a block's bytes and no instructions: where
they are cut is known from the image.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from grader.evidence import disassembly

LOG = "in_asm"  # what to ask QEMU for: -d

# An instruction; without anything behind its bytes, the rest of a long one.
_LISTED = re.compile(rb"^0x([0-9a-f]{8}):  ([0-9a-f]{2}(?: [0-9a-f]{2})*)(  )?", re.MULTILINE)
_ADDRESS = re.compile(rb"^0x([0-9a-f]{8}):", re.MULTILINE)
_INSTRUCTION = re.compile(rb"^ *([0-9a-f]+):\t([0-9a-f]{2}(?: [0-9a-f]{2})*) *\t", re.MULTILINE)
_NOWHERE = re.compile(rb"^0x([0-9a-f]{8}): unable to read memory", re.MULTILINE)  # older ones; others take it for zeros
_BLOCK = re.compile(rb"^0x([0-9a-f]{8}):  \n((?:OBJD-T: [0-9a-f]+\n)+)", re.MULTILINE)
_LISTING = re.compile(rb"^(0x[0-9a-f]{8}:  .*|OBJD-T: .*|IN: .*|-{16})\n", re.MULTILINE)
_PAGE = 4096
_END = 4096  # bytes of a trace
_LONGEST = len("00 " * 15) - 1  # of an instruction, as it is listed
_EXECUTABLE = 1  # PF_X


@dataclass(frozen=True)
class Code:
    """An image's code: where it begins for the CPU, and in physical memory; the kernel's entry, as
    the boot loader calls it; the bytes; and the instructions' bytes by their addresses, as they are listed.
    Ring 3's page is the last one, and may be seen anywhere."""

    virtual: int
    physical: int
    entry: int
    text: bytes
    instructions: dict[bytes, bytes]

    def holds(self, address: int, found: bytes, begins: bool = True) -> bool:
        """Whether these bytes are the image's own, at an address where its code may be seen.

        `begins` says that an instruction begins there.
        """
        for offset in (address - self.virtual, address - self.physical,
                       len(self.text) - _PAGE + address % _PAGE):
            if (0 <= offset < len(self.text) and self.text.startswith(found, offset)
                    and (not begins or b"%08x" % (self.virtual + offset) in self.instructions)):
                return True
        return False

    def has(self, address: bytes, listed: bytes, begins: bytes) -> bool:
        """The same of what a trace lists."""
        return (self.instructions.get(address) == listed  # nearly all
                or self.holds(int(address, 16), bytes.fromhex(listed.decode()), bool(begins)))

    def cut(self, address: int, block: bytes) -> Iterator[tuple[int, bytes]]:
        """A block's instructions with their addresses, as far as they are the image's own; then all the rest in one."""
        at = 0
        while at < len(block):
            known = bytes.fromhex(self.instructions.get(b"%08x" % (address + at), b"").decode())
            end = at + len(known) if known and block.startswith(known, at) else len(block)
            yield address + at, block[at:end]
            at = end


@lru_cache(maxsize=16)
def code_of(image: Path) -> Code:
    """Reads the code out of an image: its one executable segment."""
    elf = image.read_bytes()
    entry, table = struct.unpack_from("<II", elf, 24)
    size, count = struct.unpack_from("<HH", elf, 42)
    for i in range(count):
        _, offset, virtual, physical, length, _, flags, _ = struct.unpack_from(
            "<8I", elf, table + i * size)
        if flags & _EXECUTABLE:
            instructions = dict(_INSTRUCTION.findall(disassembly.listing(image)))
            return Code(virtual, physical, entry - virtual + physical,
                        elf[offset:offset + length], instructions)
    raise ValueError(f"{image} has no code")


def is_told(trace: bytes, image: Path) -> bool:
    """Whether the trace has the kernel's first instruction: that of every kernel that began to run has."""
    return _entry(trace, code_of(image)) >= 0


def _entry(trace: bytes, code: Code) -> int:
    return trace.find(b"\n0x%08x:  " % code.entry)


def _by_instructions(trace: bytes, code: Code) -> bytes:
    """The trace with a line for each instruction, whatever QEMU wrote it."""
    def lines(found: re.Match[bytes]) -> bytes:
        block = bytes.fromhex(found[2].decode().replace("OBJD-T:", ""))
        return b"".join(b"0x%08x:  %s  \n" % (address, instruction.hex(" ").encode())
                        for address, instruction in code.cut(int(found[1], 16), block))

    return _BLOCK.sub(lines, trace) if b"OBJD-T" in trace else trace


def foreign(trace: bytes, image: Path) -> str:
    """The first instruction of the trace that is not the image's, in words; empty if all are.

    What comes before the kernel's entry is the boot loader's.
    """
    code = code_of(image)
    trace = _by_instructions(trace, code)
    begin = _entry(trace, code)
    for address, listed, begins in dict.fromkeys(_LISTED.findall(trace, begin)) if begin >= 0 else ():
        if not code.has(address, listed, begins):
            return (f"the CPU ran {listed.decode()[:_LONGEST]} at 0x{address.decode()}: no code of "
                    "the kernel or of the submission as they were built")
    nowhere = _NOWHERE.search(trace, begin) if begin >= 0 else None
    return f"the CPU went on at 0x{nowhere[1].decode()}, where no memory is" if nowhere else ""


def is_astray(trace: bytes, image: Path) -> bool:
    """Whether nothing at the end of a trace is code of the image's, though the kernel began to run: such a machine runs
    where no memory is, one instruction at a time."""
    code = code_of(image)
    begin = _entry(trace, code)
    end = trace[max(begin, len(trace) - _END):] if begin >= 0 else b""
    end = _by_instructions(end[end.find(b"\n") + 1:], code)
    listed = _LISTED.findall(end)
    return bool(listed or _NOWHERE.search(end)) and not any(code.has(*instruction) for instruction in listed)


def reached(trace: bytes, marks: Sequence[int], image: Path) -> tuple[frozenset[int], ...]:
    """The addresses of the instructions in the parts of a trace that lie between the marks."""
    code = code_of(image)
    parts = (_by_instructions(trace[begin:end], code) for begin, end in zip((0, *marks), (*marks, len(trace))))
    return tuple(frozenset(int(address, 16) for address in _ADDRESS.findall(part)) for part in parts)


def without_code(trace: bytes) -> bytes:
    """The rest of a trace, where QEMU was asked for more than code."""
    return _LISTING.sub(b"", trace)
