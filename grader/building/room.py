"""Room in the kernel's image, and which of a submission's static variables take it where there is not enough."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from grader.building import gate

FULL = "the kernel's image is larger than 1 MiB"  # what kernel/kernel.ld says then, among other things
FOR_ALL = 256 << 10  # bytes: what the handout promises to a submission's static variables, in all of its files
_NAMED = 3  # at most


def told(error: str, objects: Mapping[str, Path], tools: str) -> str:
    """A linker's message, without the host's paths. If the image has become too large, it says by what of the
    submission's `objects`."""
    if FULL not in error:
        for name, path in objects.items():
            error = error.replace(str(path), f"kernel/mm/{name}")
        return error
    largest = sorted((found for name, path in objects.items() for found in _variables(name, path)), reverse=True)
    names = gate.demangled([symbol for _, symbol, _ in largest[:_NAMED]], tools) if largest else []
    shares = [f"{written.replace('(anonymous namespace)::', '')} (kernel/mm/{name}, {-(-size // 1024)} KiB)"
              for written, (size, _, name) in zip(names, largest)]
    return (f"error: static variables leave no room for the kernel: {', '.join(shares)}\n"
            f"{FULL[0].upper()}{FULL[1:]}. The static variables of all files together can count on {FOR_ALL >> 10} KiB "
            "(a bit for each page of 4 GiB takes 128); what is larger belongs into memory that is asked for")


def _variables(name: str, path: Path) -> list[tuple[int, str, str]]:
    from elftools.elf.elffile import ELFFile  # slow to import, and seldom needed

    with path.open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        return [(symbol["st_size"], symbol.name, name) for symbol in table.iter_symbols()
                if symbol["st_info"]["type"] == "STT_OBJECT"]
