"""Whose code an address is within a function that others were inlined into, by the debug information itself.

addr2line names an inlined function that has no name for the linker, as those of an unnamed namespace have none,
by the function that it was inlined into.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

_WITHIN = ("DW_TAG_subprogram", "DW_TAG_lexical_block", "DW_TAG_inlined_subroutine", "DW_TAG_namespace")
_CLASSES = ("DW_TAG_structure_type", "DW_TAG_class_type")


@lru_cache(maxsize=256)
def innermost(image: Path, address: int) -> str:
    """The name of the innermost function at an address of an image, without parameters; "" if that is not known."""
    from elftools.common.exceptions import ELFError
    from elftools.dwarf.dwarfinfo import DWARFError
    from elftools.elf.elffile import ELFFile  # slow to import, and seldom needed

    try:
        with image.open("rb") as file:
            dwarf = ELFFile(file).get_dwarf_info()
            offset = dwarf.get_aranges().cu_offset_at_addr(address)
            return "" if offset is None else _innermost(dwarf.get_CU_at(offset).get_top_DIE(), address)
    except (ELFError, DWARFError, OSError, KeyError, AttributeError):  # of other compilers', perhaps
        return ""


def _innermost(die, address: int) -> str:
    """The name of the innermost function of all that are within a unit, and have the address."""
    named, within = "", die
    while within:
        if within.tag in ("DW_TAG_subprogram", "DW_TAG_inlined_subroutine"):
            named = _name(within) or named
        within = next((child for child in within.iter_children() if child.tag in _WITHIN and _has(child, address)), None)
    return named


def _name(die) -> str:
    """What a function is called, with the class that it is a member of."""
    while die:
        if "DW_AT_name" in die.attributes:
            name, around = die.attributes["DW_AT_name"].value.decode("utf-8", "replace"), die.get_parent()
            return f"{_name(around)}::{name}" if around and around.tag in _CLASSES and _name(around) else name
        origin = next((name for name in ("DW_AT_abstract_origin", "DW_AT_specification") if name in die.attributes), "")
        die = die.get_DIE_from_attribute(origin) if origin else None
    return ""


def _has(die, address: int) -> bool:
    return any(begin <= address < end for begin, end in _ranges(die))


def _ranges(die) -> Iterator[tuple[int, int]]:
    if "DW_AT_ranges" in die.attributes:
        lists, base = die.dwarfinfo.range_lists(), die.cu.get_top_DIE().attributes.get("DW_AT_low_pc")
        origin = base.value if base else 0
        for entry in lists.get_range_list_at_offset(die.attributes["DW_AT_ranges"].value, die.cu):
            if hasattr(entry, "base_address"):
                origin = entry.base_address
            else:
                start = 0 if getattr(entry, "is_absolute", False) else origin
                yield start + entry.begin_offset, start + entry.end_offset
    elif "DW_AT_low_pc" in die.attributes and "DW_AT_high_pc" in die.attributes:
        begin, end = die.attributes["DW_AT_low_pc"].value, die.attributes["DW_AT_high_pc"]
        yield begin, end.value if end.form == "DW_FORM_addr" else begin + end.value
