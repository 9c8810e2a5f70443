"""What a kernel that stands still must look like, whatever its scenario did: against the image and the log."""

from __future__ import annotations

import struct
from functools import lru_cache
from pathlib import Path

from grader.evidence.records import Record
from grader.evidence.snapshot import PAGE, Snapshot

_VECTORS = 32
_DOUBLE_FAULT = 8  # its gate leads to a task
_GATE = 0x0008_0000, 0x8E00  # an interrupt gate of ring 0, in the kernel's code segment
_WRITABLE = 2  # PF_W


@lru_cache(maxsize=16)
def _image(path: Path):
    """The loaded segments (virtual address, physical address, size); those that nobody may write to (physical
    address, bytes); and where the kit's global variables are. A submission's are local, whatever their names."""
    from elftools.elf.elffile import ELFFile  # slow to import

    with path.open("rb") as file:
        elf = ELFFile(file)
        segments = list(elf.iter_segments("PT_LOAD"))
        loaded = [(s["p_vaddr"], s["p_paddr"], s["p_memsz"]) for s in segments]
        constant = [(s["p_paddr"], s.data()) for s in segments if not s["p_flags"] & _WRITABLE]
        table = elf.get_section_by_name(".symtab")
        everybodys = map(table.get_symbol, range(table["sh_info"], table.num_symbols()))  # the local ones come first
        symbols = {symbol.name: symbol["st_value"] for symbol in everybodys
                   if symbol["st_info"]["bind"] == "STB_GLOBAL"}
    return loaded, constant, symbols


def damage(image: Path, snapshot: Snapshot, record: Record, tsc_shift: int) -> str:
    """What is not as it must be before the operation `inspect` that the record tells of; empty if all is.

    `image` has symbols; the snapshot has the memory's contents.
    """
    loaded, constant, symbols = _image(image)
    if any(_is_elsewhere(snapshot, *segment) for segment in loaded):
        return "a page of the kernel's image is mapped elsewhere"
    if any(snapshot.memory.read(address, len(data)) != data for address, data in constant):
        return "the kernel's code or constants in memory are not those of its image"
    if _gates(snapshot) != _expected_gates(snapshot, symbols["exception_entries"]):
        return "the interrupt table leads elsewhere"
    for address, expected, what in (
            (symbols["record_crc"], record.check_before, "the check value of the records so far"),
            (symbols["player_here"] + 4, record.number - 1, "the number of the operation before"),
            (symbols["tsc_shift"], tsc_shift, "the shift of the clock")):
        if (seen := snapshot.word(address)) != expected:
            shown = "no memory" if seen is None else f"{seen:#x}"
            return f"{what} is {shown} in the kernel's memory, and should be {expected:#x}"
    return ""


def _is_elsewhere(snapshot: Snapshot, virtual: int, physical: int, size: int) -> bool:
    """Whether a page of a segment is another frame's; one that is not mapped (the stack's guard) is nobody's."""
    pages = ((snapshot.page(virtual + offset), physical + offset) for offset in range(0, size, PAGE))
    return any(page and page[0] != frame for page, frame in pages)


def _gates(snapshot: Snapshot) -> list[tuple[int, int]]:
    table = snapshot.at(snapshot.idt, 8 * _VECTORS) or bytes(8 * _VECTORS)
    gates = list(struct.iter_unpack("<II", table))
    return gates[:_DOUBLE_FAULT] + gates[_DOUBLE_FAULT + 1:]


def _expected_gates(snapshot: Snapshot, entries: int) -> list[tuple[int, int]]:
    table = snapshot.at(entries, 4 * _VECTORS) or bytes(4 * _VECTORS)
    selector, access = _GATE
    return [(selector | entry & 0xFFFF, entry & 0xFFFF0000 | access)
            for vector, (entry,) in enumerate(struct.iter_unpack("<I", table))
            if vector != _DOUBLE_FAULT]
